/** The log of children on its way to an ancestor. */
@NullMarked
package multiprocessing.internal.relay;

import org.jspecify.annotations.NullMarked;
