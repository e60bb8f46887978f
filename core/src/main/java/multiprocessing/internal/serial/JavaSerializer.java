package multiprocessing.internal.serial;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import multiprocessing.spi.Serializer;
import org.jspecify.annotations.Nullable;

/** The JDK's own serialization: slow in the long run, but ready at once in a young process. */
final class JavaSerializer implements Serializer {
  static final String NAME = "java";

  private final boolean faithful;
  private final @Nullable ObjectInputFilter filter;

  /**
   * Creates a serializer.
   *
   * @param faithful whether to refuse objects that would lose fields on the way (those of a
   *     superclass that is not serializable), because another serializer keeps them
   */
  JavaSerializer(boolean faithful) {
    this(faithful, null);
  }

  /**
   * Creates a serializer.
   *
   * @param filter decides what may be restored, beside the filter of the virtual machine
   */
  JavaSerializer(boolean faithful, @Nullable ObjectInputFilter filter) {
    this.faithful = faithful;
    this.filter = filter;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte[] serialize(Object value) throws IOException {
    var bytes = new ByteArrayOutputStream(256);
    try (var out = new Output(bytes, faithful)) {
      out.writeObject(value);
    }
    return bytes.toByteArray();
  }

  @Override
  public Object deserialize(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException {
    try (var in = new Input(new ByteArrayInputStream(bytes, offset, length), loader)) {
      if (filter != null) {
        ObjectInputFilter both = in.getObjectInputFilter();
        in.setObjectInputFilter(both == null ? filter : ObjectInputFilter.merge(filter, both));
      }
      return in.readObject();
    }
  }

  private static final class Output extends ObjectOutputStream {
    private final boolean faithful;

    Output(OutputStream out, boolean faithful) throws IOException {
      super(out);
      this.faithful = faithful;
      enableReplaceObject(true);
    }

    @Override
    protected @Nullable Object replaceObject(@Nullable Object value) throws IOException {
      if (value == null) {
        return null;
      }
      Class<?> type = value.getClass();
      String refusal = Sendable.refusal(type);
      if (refusal != null) {
        throw new InvalidClassException(type.getName(), refusal);
      }
      if (faithful && Sendable.losesFields(type)) {
        throw new InvalidClassException(type.getName(), "a superclass is not serializable");
      }
      return value instanceof Path path ? StandIn.of(path) : value;
    }
  }

  private static final class Input extends ObjectInputStream {
    private final ClassLoader loader;

    Input(InputStream in, ClassLoader loader) throws IOException {
      super(in);
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(description);
      }
    }

    @Override
    protected Class<?> resolveProxyClass(String[] interfaces)
        throws IOException, ClassNotFoundException {
      ClassLoader definer = loader;
      Class<?>[] types = new Class<?>[interfaces.length];
      for (int i = 0; i < types.length; i++) {
        types[i] = Class.forName(interfaces[i], false, loader);
        if (!Modifier.isPublic(types[i].getModifiers())) {
          definer = types[i].getClassLoader();
        }
      }
      return Proxy.newProxyInstance(definer, types, (proxy, method, arguments) -> null).getClass();
    }
  }
}
