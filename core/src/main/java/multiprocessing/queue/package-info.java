@NullMarked
package multiprocessing.queue;

import org.jspecify.annotations.NullMarked;
