package multiprocessing;

import static java.util.stream.Collectors.toCollection;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of the house, each as a method that lists what breaks it.
 *
 * @param root the root package
 * @param table the rooms below it
 * @param classes what is checked
 */
record HouseRules(String root, RoomTable table, JavaClasses classes) {
  private static final int MOST_PARAMETERS = 5;

  /** What stands for such a one where it is tried how these fare. */
  private static final String RECORD_OF_A_USER = "Sample";

  private static final String NATIVE_ROOM = "internal.os";

  /** Rooms and rows must match: every package has a row, every row that is not coming a package. */
  List<String> roomsUnlikeTable() {
    Set<String> present =
        classes.stream().filter(this::isOurs).map(this::room).collect(toCollection(TreeSet::new));
    Stream<String> unlisted =
        present.stream()
            .filter(name -> table.room(name).isEmpty())
            .map(name -> "the room " + name + " is not in the table");
    Stream<String> unlike =
        table.rooms().stream()
            .filter(room -> room.coming() == present.contains(room.name()))
            .map(
                room ->
                    room.coming()
                        ? "the table calls " + room + " coming, but it is there"
                        : "the table has " + room + ", but it is not there");
    return Stream.concat(unlisted, unlike).toList();
  }

  List<String> forbiddenImports() {
    return classes.stream()
        .filter(this::isOurs)
        .flatMap(importer -> importer.getDirectDependenciesFromSelf().stream())
        .filter(dependency -> isOurs(dependency.getTargetClass().getBaseComponentType()))
        .filter(
            dependency ->
                !allowed(
                    room(dependency.getOriginClass()),
                    room(dependency.getTargetClass().getBaseComponentType())))
        .map(dependency -> dependency.getDescription())
        .sorted()
        .distinct()
        .toList();
  }

  private boolean allowed(String from, String to) {
    return from.equals(to)
        || table.room(from).map(room -> room.mayImport().contains(to)).orElse(false);
  }

  List<String> packageCycles() {
    SliceAssignment byPackage =
        new SliceAssignment() {
          @Override
          public SliceIdentifier getIdentifierOf(JavaClass type) {
            return isOurs(type)
                ? SliceIdentifier.of(type.getPackageName())
                : SliceIdentifier.ignore();
          }

          @Override
          public String getDescription() {
            return "packages of " + root;
          }
        };
    return SlicesRuleDefinition.slices()
        .assignedFrom(byPackage)
        .should()
        .beFreeOfCycles()
        .evaluate(classes)
        .getFailureReport()
        .getDetails();
  }

  /** Only one room may reach native code, so that only one can crash the JVM. */
  List<String> nativeCodeOutsideItsRoom() {
    List<JavaClass> outside =
        classes.stream().filter(type -> isOurs(type) && !room(type).equals(NATIVE_ROOM)).toList();
    Stream<String> calls =
        outside.stream()
            .flatMap(type -> type.getAccessesFromSelf().stream())
            .filter(HouseRules::isNative)
            .map(JavaAccess::getDescription);
    Stream<String> methods =
        outside.stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.getModifiers().contains(JavaModifier.NATIVE))
            .map(method -> "native method " + method.getFullName());
    return Stream.concat(calls, methods).sorted().toList();
  }

  private static boolean isNative(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    return owner.isEquivalentTo(Linker.class)
        || owner.isEquivalentTo(SymbolLookup.class)
        || (owner.isEquivalentTo(System.class) && access.getName().startsWith("load"))
        || (owner.isEquivalentTo(MemorySegment.class) && access.getName().equals("reinterpret"));
  }

  /** With an import on demand, a second {@code Process} would not compile in a user's program. */
  List<String> namesOfJavaLang() {
    Set<String> taken = typesOfJavaLang();
    return publicTypes()
        .filter(type -> type.isTopLevelClass() && taken.contains(type.getSimpleName()))
        .map(JavaClass::getFullName)
        .sorted()
        .toList();
  }

  private static Set<String> typesOfJavaLang() {
    Path folder =
        FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base/java/lang");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.contains("$"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .collect(toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A record's own constructor does not count: it has as many parameters as the record fields. */
  List<String> tooManyParameters() {
    return publicTypes()
        .flatMap(type -> type.getCodeUnits().stream())
        .filter(HouseRules::isPublicApi)
        .filter(unit -> unit.getRawParameterTypes().size() > MOST_PARAMETERS)
        .filter(unit -> !(unit instanceof JavaConstructor && unit.getOwner().isRecord()))
        .map(JavaCodeUnit::getFullName)
        .sorted()
        .toList();
  }

  private static boolean isPublicApi(JavaCodeUnit unit) {
    Set<JavaModifier> modifiers = unit.getModifiers();
    return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
        && !modifiers.contains(JavaModifier.SYNTHETIC);
  }

  /** NullAway looks only at what is marked, so a package that is not would slip through. */
  List<String> packagesNotNullMarked() {
    return classes.stream()
        .filter(this::isOurs)
        .map(JavaClass::getPackage)
        .distinct()
        .filter(each -> !each.isAnnotatedWith(NullMarked.class))
        .map(each -> each.getName() + " is not @NullMarked")
        .sorted()
        .toList();
  }

  /**
   * A fresh virtual machine takes 40 ms to make what reads its first record, and 10 ms to compute
   * the version of its first class that does not tell it.
   */
  List<String> slowToArrive() {
    return classes.stream()
        .filter(type -> isOurs(type) && type.isAssignableTo(Serializable.class))
        .filter(type -> !type.isInterface() && !type.isAssignableTo(Enum.class))
        .filter(type -> !type.getSimpleName().equals(RECORD_OF_A_USER))
        .filter(type -> type.isRecord() || type.tryGetField("serialVersionUID").isEmpty())
        .map(type -> type.getName() + (type.isRecord() ? " is a record" : " tells no version"))
        .sorted()
        .toList();
  }

  private Stream<JavaClass> publicTypes() {
    return classes.stream()
        .filter(this::isOurs)
        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC));
  }

  private boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  private String room(JavaClass type) {
    return type.getPackageName().equals(root)
        ? ""
        : type.getPackageName().substring(root.length() + 1);
  }
}
