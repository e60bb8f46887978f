/** How children are started and waited for, and what runs in them before their task does. */
@NullMarked
package multiprocessing.internal.launch;

import org.jspecify.annotations.NullMarked;
