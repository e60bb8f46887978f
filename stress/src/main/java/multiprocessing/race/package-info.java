/** Races between few operations of the shared structures, each repeated millions of times. */
@NullMarked
package multiprocessing.race;

import org.jspecify.annotations.NullMarked;
