@NullMarked
package multiprocessing.internal.shm;

import org.jspecify.annotations.NullMarked;
