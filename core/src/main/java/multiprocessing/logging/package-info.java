/** The library's own logger, on {@code java.util.logging}. */
@NullMarked
package multiprocessing.logging;

import org.jspecify.annotations.NullMarked;
