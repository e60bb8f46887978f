package multiprocessing.internal.serial;

import java.io.Externalizable;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a class before any object of it is serialized.
 *
 * <p>Some objects make no sense in another process, however willing a serializer is to copy their
 * fields: they stand for something that belongs to the process that made them. Those are refused,
 * unless their class says by {@code writeReplace} what travels in their place. Asked once for each
 * class.
 */
final class Sendable {
  private static final String LOCK =
      "works among the threads of one process only; use a ProcessLock or ProcessSemaphore";
  private static final String STREAM =
      "is an open stream of this process; pass the path or the content instead";
  private static final String CONNECTION =
      "is an open connection of this process; pass the address and connect in the other process";

  /** By name, so that no class is loaded for being looked for; a subclass is refused as well. */
  private static final Map<String, String> REFUSALS =
      Map.ofEntries(
          Map.entry("java.lang.Thread", "is a thread of this process; pass its task instead"),
          Map.entry("java.lang.ThreadGroup", "belongs to the threads of this process"),
          Map.entry("java.lang.ThreadLocal", "belongs to the threads of this process"),
          Map.entry("java.lang.ClassLoader", "belongs to the classes of this process"),
          Map.entry("java.lang.Process", "is a handle that only the starting process has"),
          Map.entry("java.lang.ProcessHandle", "is a handle of this process; pass its pid()"),
          Map.entry("java.util.Timer", "runs a thread of this process"),
          Map.entry(
              "java.util.concurrent.ExecutorService",
              "runs threads of this process; make one in the other process"),
          Map.entry("java.util.concurrent.locks.ReentrantLock", LOCK),
          Map.entry("java.util.concurrent.locks.ReentrantReadWriteLock", LOCK),
          Map.entry("java.util.concurrent.locks.StampedLock", LOCK),
          Map.entry("java.util.concurrent.Semaphore", LOCK),
          Map.entry("java.io.InputStream", STREAM),
          Map.entry("java.io.OutputStream", STREAM),
          Map.entry("java.io.Reader", STREAM),
          Map.entry("java.io.Writer", STREAM),
          Map.entry("java.io.RandomAccessFile", STREAM),
          Map.entry("java.util.zip.ZipFile", STREAM),
          Map.entry("java.nio.channels.Channel", CONNECTION),
          Map.entry("java.nio.channels.Selector", CONNECTION),
          Map.entry("java.net.Socket", CONNECTION),
          Map.entry("java.net.ServerSocket", CONNECTION),
          Map.entry("java.net.DatagramSocket", CONNECTION),
          Map.entry("java.net.http.HttpClient", CONNECTION),
          Map.entry("java.sql.Connection", CONNECTION),
          Map.entry("java.sql.Statement", CONNECTION),
          Map.entry("java.sql.ResultSet", CONNECTION),
          Map.entry("java.lang.foreign.MemorySegment", "is memory of this process; copy it out"),
          Map.entry("java.lang.foreign.Arena", "owns memory of this process"));

  /** Classes of the JDK that travel although they are not serializable; subclasses as well. */
  private static final List<Class<?>> CARRIED =
      List.of(
          Path.class,
          ByteBuffer.class,
          Charset.class,
          Optional.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class);

  private static final String NONE = "";

  private static final ClassValue<String> REFUSAL =
      new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
          String refusal = search(type);
          return refusal.isEmpty() || hasWriteReplace(type) ? NONE : refusal;
        }
      };

  private static final ClassValue<Boolean> LOSES_FIELDS =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return findLostFields(type);
        }
      };

  private Sendable() {}

  /** Returns why no object of this class may travel, as the rest of a sentence; null if it may. */
  static @Nullable String refusal(Class<?> type) {
    String refusal = REFUSAL.get(type);
    return refusal.isEmpty() ? null : refusal;
  }

  /**
   * Whether Java serialization silently drops fields of this class: those that it inherits from a
   * class of the program that is not serializable.
   */
  static boolean losesFields(Class<?> type) {
    return LOSES_FIELDS.get(type);
  }

  private static String search(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      String refusal = REFUSALS.getOrDefault(c.getName(), NONE);
      // A subclass of a lock may be anything; those in ConcurrentHashMap are mere markers.
      if (!refusal.isEmpty() && (c == type || !refusal.equals(LOCK))) {
        return refusal;
      }
      for (Class<?> each : c.getInterfaces()) {
        refusal = search(each);
        if (!refusal.isEmpty()) {
          return refusal;
        }
      }
    }
    return NONE;
  }

  private static boolean findLostFields(Class<?> type) {
    Class<?> c = type;
    while (c != null && Serializable.class.isAssignableFrom(c)) {
      c = c.getSuperclass();
    }
    return c != type && hasFields(c) && !savesFieldsItself(type);
  }

  private static boolean hasFields(@Nullable Class<?> type) {
    for (Class<?> c = type; c != null && !isOfJdk(c); c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean savesFieldsItself(Class<?> type) {
    if (Externalizable.class.isAssignableFrom(type) || hasWriteReplace(type)) {
      return true;
    }
    for (Class<?> c = type; Serializable.class.isAssignableFrom(c); c = c.getSuperclass()) {
      if (declares(c, "writeObject", ObjectOutputStream.class)) {
        return true;
      }
    }
    return false;
  }

  /** Whether objects of this class name a replacement when they are serialized. */
  static boolean hasWriteReplace(Class<?> type) {
    return Serializable.class.isAssignableFrom(type) && inherits(type, "writeReplace");
  }

  /** Whether a class, or one that it extends, declares a method of this name and no parameters. */
  static boolean inherits(Class<?> type, String method) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      if (declares(c, method)) {
        return true;
      }
    }
    return false;
  }

  private static boolean declares(Class<?> type, String name, Class<?>... parameters) {
    try {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(name)
            && Arrays.equals(method.getParameterTypes(), parameters)) {
          return true;
        }
      }
    } catch (LinkageError e) {
      // a signature of the class cannot be loaded here
    }
    return false;
  }

  /**
   * Whether this is a class of the JDK that is not meant to be serialized, and that no serializer
   * here makes an exception for.
   */
  static boolean isOpaque(Class<?> type) {
    return isOfJdk(type)
        && !Serializable.class.isAssignableFrom(type)
        && !type.isPrimitive()
        && !Proxy.isProxyClass(type)
        && CARRIED.stream().noneMatch(each -> each.isAssignableFrom(type));
  }

  static boolean isOfJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }
}
