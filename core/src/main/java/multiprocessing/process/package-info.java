/**
 * Child processes: {@link multiprocessing.process.ChildProcess}, how they are started, and the
 * functions that travel to them.
 */
@NullMarked
package multiprocessing.process;

import org.jspecify.annotations.NullMarked;
