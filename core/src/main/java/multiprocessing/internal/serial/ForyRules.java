package multiprocessing.internal.serial;

import java.io.Externalizable;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import org.apache.fory.Fory;
import org.apache.fory.config.Config;
import org.apache.fory.config.ForyBuilder;
import org.apache.fory.context.ReadContext;
import org.apache.fory.context.WriteContext;
import org.apache.fory.resolver.TypeResolver;
import org.apache.fory.serializer.ObjectStreamSerializer;
import org.apache.fory.serializer.Serializer;
import org.apache.fory.serializer.collection.CollectionSerializers.JDKCompatibleCollectionSerializer;
import org.apache.fory.serializer.collection.ImmutableCollectionSerializers.ImmutableListSerializer;
import org.apache.fory.serializer.collection.MapSerializers.JDKCompatibleMapSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Where Fory left to itself would do otherwise than Java serialization does, or than makes sense.
 *
 * <p>It asks once for each class, so this costs nothing later. Known and left: a plain {@code
 * LinkedHashMap} in the order of access arrives in the same order, but keeps that from then on.
 */
final class ForyRules {
  private static final List<Class<?>> INTRICATE =
      List.of(Locale.class, TimeZone.class, Calendar.class, Random.class);

  private static final List<String> SIMPLE_PACKAGES =
      List.of("java.lang", "java.util", "java.time", "java.math", "java.nio", "jdk.proxy");

  private ForyRules() {}

  /** Applies what cannot wait until Fory asks. */
  static void register(Fory fory) {
    for (List<Integer> sample : List.of(List.of(1), List.of(1, 2, 3))) {
      Class<?> type = sample.getClass();
      fory.registerSerializer(type, new Lists(fory.getTypeResolver(), type));
    }
    fory.registerSerializer(Locale.class, new ForyByJava(fory.getTypeResolver(), Locale.class));
  }

  /**
   * Makes Fory obey the filter that the virtual machine has for Java serialization ({@code
   * jdk.serialFilter}), as far as that judges classes.
   */
  static void filter(ForyBuilder builder, ObjectInputFilter filter) {
    builder.withTypeChecker(
        (resolver, name) -> {
          try {
            Class<?> type = Class.forName(name, false, resolver.getClassLoader());
            return filter.checkInput(new Question(type)) != ObjectInputFilter.Status.REJECTED;
          } catch (ClassNotFoundException e) {
            return false;
          }
        });
  }

  /** Returns the serializer for a class, or null where Fory's own is right. */
  static @Nullable Serializer<?> serializer(TypeResolver resolver, Class<?> type) {
    String refusal = Sendable.refusal(type);
    if (refusal != null) {
      throw new UnsupportedOperationException(type.getName() + " " + refusal);
    }
    if (Sendable.isOpaque(type)) {
      throw new UnsupportedOperationException(type.getName() + " is not serializable");
    }
    if (Throwable.class.isAssignableFrom(type) || isIntricate(type)) {
      return new ForyByJava(resolver, type);
    }
    if (Path.class.isAssignableFrom(type)) {
      return new Paths(resolver.getConfig(), type);
    }
    if (!isRestoredByConstructor(type)) {
      return null;
    }
    if (Collection.class.isAssignableFrom(type)) {
      return new JDKCompatibleCollectionSerializer<>(resolver, type);
    }
    if (Map.class.isAssignableFrom(type)) {
      return new JDKCompatibleMapSerializer<>(resolver, type);
    }
    return new ObjectStreamSerializer(resolver, type);
  }

  /**
   * Whether this is a class of the JDK that holds no objects of the program, but much of its own:
   * formats, calendars, addresses, permissions. Fory forgets the script of a locale and the rules
   * of a simple time zone.
   */
  private static boolean isIntricate(Class<?> type) {
    if (!Sendable.isOfJdk(type) || !Serializable.class.isAssignableFrom(type) || type.isArray()) {
      return false;
    }
    return INTRICATE.stream().anyMatch(each -> each.isAssignableFrom(type))
        || SIMPLE_PACKAGES.stream().noneMatch(type.getPackageName()::startsWith);
  }

  /**
   * Whether Fory would call a constructor that Java serialization does not call. That gives
   * transient fields another value, and doubles what an anonymous collection adds to itself.
   */
  private static boolean isRestoredByConstructor(Class<?> type) {
    return Serializable.class.isAssignableFrom(type)
        && !Externalizable.class.isAssignableFrom(type)
        && !type.isEnum()
        && !type.isRecord()
        && !Sendable.isOfJdk(type)
        && !Sendable.hasWriteReplace(type)
        && !Sendable.inherits(type, "readResolve")
        && !Sendable.losesFields(type)
        && Arrays.stream(type.getDeclaredConstructors()).anyMatch(c -> c.getParameterCount() == 0);
  }

  /** Asks a filter about a class, and about nothing else. */
  private record Question(Class<?> serialClass) implements ObjectInputFilter.FilterInfo {
    @Override
    public long arrayLength() {
      return -1;
    }

    @Override
    public long depth() {
      return 1;
    }

    @Override
    public long references() {
      return 0;
    }

    @Override
    public long streamBytes() {
      return 0;
    }
  }

  /** Writes a path as its {@link StandIn} does. */
  private static final class Paths extends Serializer<Object> {
    @SuppressWarnings("unchecked")
    Paths(Config config, Class<?> type) {
      super(config, (Class<Object>) type, true);
    }

    @Override
    public void write(WriteContext context, Object path) {
      StandIn standIn = StandIn.of((Path) path);
      context.writeString(standIn.path);
      context.writeBoolean(standIn.foreign);
    }

    @Override
    public Object read(ReadContext context) {
      return new StandIn(context.readString(), context.readBoolean()).readResolve();
    }
  }

  /** Reads immutable lists; Fory's own fails on those that hold null, as streams make them. */
  @SuppressWarnings({"rawtypes", "unchecked"})
  private static final class Lists extends ImmutableListSerializer {
    Lists(TypeResolver resolver, Class<?> type) {
      super(resolver, type);
    }

    @Override
    public Collection newCollection(ReadContext context, boolean elementReadAlwaysAdvances) {
      int size = readCollectionSize(context, context.getBuffer(), elementReadAlwaysAdvances);
      setNumElements(size);
      return new ArrayList<>(size);
    }

    @Override
    public Collection onCollectionRead(Collection read) {
      return read.contains(null) ? read.stream().toList() : List.copyOf(read);
    }
  }
}
