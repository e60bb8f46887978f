package multiprocessing.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How long a test, and each method that sets it up, may run before the {@link Watchdog} bites. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
public @interface Deadline {
  /** What holds without this annotation. */
  int DEFAULT_SECONDS = 60;

  int seconds();
}
