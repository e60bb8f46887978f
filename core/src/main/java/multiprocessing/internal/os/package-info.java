@NullMarked
package multiprocessing.internal.os;

import org.jspecify.annotations.NullMarked;
