/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.memory;

import org.jspecify.annotations.NullMarked;
