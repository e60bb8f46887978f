package multiprocessing.internal.serial;

import java.io.IOException;
import org.apache.fory.context.ReadContext;
import org.apache.fory.context.WriteContext;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.resolver.TypeResolver;
import org.apache.fory.serializer.ExceptionSerializers.ExceptionSerializer;
import org.apache.fory.serializer.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Leaves objects of a class to Java serialization, within a message of Fory.
 *
 * <p>So it is with all throwables: Fory calls a constructor of theirs, or loses their stack, and
 * ignores their own hooks. Those that hold something which is not serializable go by Fory after
 * all.
 */
final class ForyByJava extends Serializer<Object> {
  private final TypeResolver resolver;
  private final JavaSerializer java = new JavaSerializer(true);
  private @Nullable ExceptionSerializer<Throwable> fory;

  @SuppressWarnings("unchecked")
  ForyByJava(TypeResolver resolver, Class<?> type) {
    super(resolver.getConfig(), (Class<Object>) type);
    this.resolver = resolver;
  }

  @Override
  public void write(WriteContext context, Object value) {
    byte[] bytes = bytes(value);
    context.writeBoolean(bytes != null);
    if (bytes != null) {
      MemoryBuffer out = context.getBuffer();
      out.writeVarUInt32(bytes.length);
      out.writeBytes(bytes);
    } else {
      byFory().write(context, (Throwable) value);
    }
  }

  private byte @Nullable [] bytes(Object value) {
    try {
      return java.serialize(value);
    } catch (IOException | RuntimeException e) {
      if (value instanceof Throwable) {
        return null;
      }
      throw new IllegalArgumentException(Text.reason(e), e);
    }
  }

  @Override
  public Object read(ReadContext context) {
    if (!context.readBoolean()) {
      return byFory().read(context);
    }
    MemoryBuffer in = context.getBuffer();
    byte[] bytes = in.readBytes(in.readVarUInt32());
    try {
      return java.deserialize(bytes, 0, bytes.length, resolver.getClassLoader());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException(Text.reason(e), e);
    }
  }

  private ExceptionSerializer<Throwable> byFory() {
    ExceptionSerializer<Throwable> serializer = fory;
    if (serializer == null) {
      serializer = new ExceptionSerializer<>(resolver, type.asSubclass(Throwable.class));
      fory = serializer;
    }
    return serializer;
  }
}
