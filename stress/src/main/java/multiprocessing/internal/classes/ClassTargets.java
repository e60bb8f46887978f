package multiprocessing.internal.classes;

import java.util.List;
import multiprocessing.internal.wire.Writer;
import multiprocessing.stress.Target;

/** The two sides of the line by which classes are served. */
public final class ClassTargets {
  private ClassTargets() {}

  /** A decoder each. */
  public static List<Target> all() {
    return List.of(
        new Target(
            "questions for classes",
            List.of(
                new Writer().number(Line.CLASS).text("java.lang.Missing").toBytes(),
                new Writer().number(Line.RESOURCES).text("META-INF/none").toBytes()),
            List.of(IllegalStateException.class),
            ClassServer::answer),
        new Target(
            "answers with classes",
            List.of(
                Line.answer(List.of(new byte[40])),
                Line.answer(List.of()),
                Line.answer(List.of(new byte[0], new byte[9]))),
            List.of(IllegalStateException.class),
            Line::read));
  }
}
