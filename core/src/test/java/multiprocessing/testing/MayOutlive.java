package multiprocessing.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names what the {@link LeakCheck} lets a test leave behind. A resource made in {@code @BeforeAll}
 * and closed in {@code @AfterAll} needs no such permission.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
public @interface MayOutlive {
  /** Regular expressions; each is matched against the whole of what a descriptor links to. */
  String[] value();
}
