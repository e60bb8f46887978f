/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.manager;

import org.jspecify.annotations.NullMarked;
