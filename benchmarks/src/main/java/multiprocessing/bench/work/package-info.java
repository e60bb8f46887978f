/** The work that is measured, done by this library. */
@NullMarked
package multiprocessing.bench.work;

import org.jspecify.annotations.NullMarked;
