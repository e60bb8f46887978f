/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.connection;

import org.jspecify.annotations.NullMarked;
