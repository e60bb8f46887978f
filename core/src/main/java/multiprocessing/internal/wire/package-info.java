/** Messages and descriptors on a stream between two processes of one machine. */
@NullMarked
package multiprocessing.internal.wire;

import org.jspecify.annotations.NullMarked;
