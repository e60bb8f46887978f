/** What tests of processes share: a watchdog against hangs, and a check for leaks. */
@NullMarked
package multiprocessing.testing;

import org.jspecify.annotations.NullMarked;
