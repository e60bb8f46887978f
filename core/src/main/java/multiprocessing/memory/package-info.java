/** Values, arrays and blocks of memory that several processes use at once. */
@NullMarked
package multiprocessing.memory;

import org.jspecify.annotations.NullMarked;
