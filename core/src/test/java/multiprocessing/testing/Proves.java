package multiprocessing.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the behaviours of Python's {@code multiprocessing} that a test proves, by their rows in the
 * conformance list.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Proves {
  /** The numbers of the rows. */
  int[] value();
}
