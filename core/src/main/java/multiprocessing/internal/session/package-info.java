/** Who this process is in its tree, and what it does when it ends. */
@NullMarked
package multiprocessing.internal.session;

import org.jspecify.annotations.NullMarked;
