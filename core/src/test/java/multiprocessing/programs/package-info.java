/** Whole programs, started in each of the ways in which programs are. */
@NullMarked
package multiprocessing.programs;

import org.jspecify.annotations.NullMarked;
