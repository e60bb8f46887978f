/** Calls that run in a process of their own, under limits, and cannot harm this one. */
@NullMarked
package multiprocessing.call;

import org.jspecify.annotations.NullMarked;
