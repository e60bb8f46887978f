/**
 * Objects, lambdas and exceptions to bytes and back.
 *
 * <p>{@link multiprocessing.internal.serial.Codec} is the door; everything else stands behind it.
 */
@NullMarked
package multiprocessing.internal.serial;

import org.jspecify.annotations.NullMarked;
