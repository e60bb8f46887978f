@NullMarked
package multiprocessing.internal.sync;

import org.jspecify.annotations.NullMarked;
