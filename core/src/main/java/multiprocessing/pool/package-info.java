@NullMarked
package multiprocessing.pool;

import org.jspecify.annotations.NullMarked;
