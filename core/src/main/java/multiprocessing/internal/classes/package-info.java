/** Classes that a child does not find by itself: its parent serves them. */
@NullMarked
package multiprocessing.internal.classes;

import org.jspecify.annotations.NullMarked;
