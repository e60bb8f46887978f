/** Long runs that look for what short ones do not find. */
@NullMarked
package multiprocessing.stress;

import org.jspecify.annotations.NullMarked;
