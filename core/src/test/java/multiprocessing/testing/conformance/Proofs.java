package multiprocessing.testing.conformance;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import multiprocessing.testing.Proves;
import org.junit.jupiter.api.Tag;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** All proofs that test classes name, and what is wrong with how they do it. */
final class Proofs {
  private static final String LONG = "stress";
  private static final String OWN = Proofs.class.getPackageName().replace('.', '/');

  private final Map<Integer, List<Proof>> byRow = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();

  private Proofs() {}

  /** Looks for them in the classes below a folder, which this class's loader finds. */
  static Proofs in(Path folder) throws IOException, ClassNotFoundException {
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = folder.relativize(file).toString();
        // The tests of this package have fixtures that look like proofs.
        boolean isOwn = file.startsWith(folder.resolve(OWN));
        if (name.endsWith(".class") && !name.endsWith("-info.class") && !isOwn) {
          String type = name.substring(0, name.length() - ".class".length());
          types.add(
              Class.forName(
                  type.replace(File.separatorChar, '.'), false, Proofs.class.getClassLoader()));
        }
      }
    }
    return of(types);
  }

  static Proofs of(List<Class<?>> types) {
    Proofs proofs = new Proofs();
    Set<Method> declared = new LinkedHashSet<>();
    Set<Method> inherited = new LinkedHashSet<>();
    for (Class<?> type : types) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Proves.class)) {
          declared.add(method);
        }
      }
      if (!Modifier.isAbstract(type.getModifiers())) {
        inherited.addAll(proofs.add(type));
      }
    }
    declared.removeAll(inherited);
    declared.forEach(
        method -> proofs.faults.add(describe(method) + " is in no class that can be run"));
    return proofs;
  }

  private List<Method> add(Class<?> type) {
    List<Method> methods =
        ReflectionSupport.findMethods(
            type,
            method -> method.isAnnotationPresent(Proves.class),
            HierarchyTraversalMode.TOP_DOWN);
    for (Method method : methods) {
      if (!AnnotationSupport.isAnnotated(method, Testable.class)) {
        faults.add(describe(method) + " is no test");
        continue;
      }
      boolean isLong = isLong(type, method);
      Set<Integer> rows = new LinkedHashSet<>();
      for (int row : method.getAnnotation(Proves.class).value()) {
        if (!rows.add(row)) {
          faults.add(describe(method) + " names row " + row + " twice");
        }
      }
      Proof proof =
          new Proof(type.getName(), method.getDeclaringClass().getName(), method.getName(), isLong);
      rows.forEach(row -> byRow.computeIfAbsent(row, _ -> new ArrayList<>()).add(proof));
    }
    return methods;
  }

  private static boolean isLong(Class<?> type, Method method) {
    return Stream.of(type, method)
        .flatMap(each -> AnnotationSupport.findRepeatableAnnotations(each, Tag.class).stream())
        .anyMatch(tag -> tag.value().equals(LONG));
  }

  private static String describe(Method method) {
    return method.getDeclaringClass().getName() + "#" + method.getName();
  }

  /** The rows that are named. */
  Set<Integer> rows() {
    return byRow.keySet();
  }

  List<Proof> of(int row) {
    return byRow.getOrDefault(row, List.of());
  }

  List<String> faults() {
    return faults;
  }
}
