/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.pool;

import org.jspecify.annotations.NullMarked;
