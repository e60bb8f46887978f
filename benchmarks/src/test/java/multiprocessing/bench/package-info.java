@NullMarked
package multiprocessing.bench;

import org.jspecify.annotations.NullMarked;
