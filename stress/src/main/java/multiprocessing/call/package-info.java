/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.call;

import org.jspecify.annotations.NullMarked;
