/** Measures the library beside others that do the same work, turn by turn in one run. */
@NullMarked
package multiprocessing.bench;

import org.jspecify.annotations.NullMarked;
