/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.internal.launch;

import org.jspecify.annotations.NullMarked;
