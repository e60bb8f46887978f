/** What the fuzzer reaches of this package. */
@NullMarked
package multiprocessing.internal.classes;

import org.jspecify.annotations.NullMarked;
