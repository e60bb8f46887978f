@NullMarked
package multiprocessing.sync;

import org.jspecify.annotations.NullMarked;
