/**
 * Checks that operations of the shared structures take effect one after another: whatever they
 * answer when they run at once, there is an order in which a plain structure answers the same.
 */
@NullMarked
package multiprocessing.linear;

import org.jspecify.annotations.NullMarked;
