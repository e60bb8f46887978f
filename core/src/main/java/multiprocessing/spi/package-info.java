/**
 * What a plug-in can replace: the serializer of objects for which the library has no short form.
 */
@NullMarked
package multiprocessing.spi;

import org.jspecify.annotations.NullMarked;
