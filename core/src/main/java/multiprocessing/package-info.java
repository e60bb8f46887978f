/**
 * Python's {@code multiprocessing} for the JVM; begin with {@link multiprocessing.Multiprocessing}.
 */
@NullMarked
package multiprocessing;

import org.jspecify.annotations.NullMarked;
