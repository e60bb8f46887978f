package multiprocessing.internal.serial;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Supplier;
import multiprocessing.spi.Serializer;
import org.apache.fory.Fory;
import org.apache.fory.memory.MemoryBuffer;
import org.apache.fory.memory.MemoryUtils;
import org.jspecify.annotations.Nullable;

/** Apache Fory. No class of it is loaded before the first object needs it. */
final class ForySerializer implements Serializer {
  static final String NAME = "fory";

  private static volatile @Nullable ForyPool latest;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte[] serialize(Object value) throws IOException {
    ForyPool pool = pool(Loaders.current());
    Fory fory = pool.take();
    try {
      byte[] bytes = fory.serialize(value);
      pool.give(fory);
      return bytes;
    } catch (RuntimeException e) {
      // The instance is dropped: what state the failure left it in is not known.
      throw new IOException(message(e), e);
    }
  }

  @Override
  public Object deserialize(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException {
    ForyPool pool = pool(loader);
    Fory fory = pool.take();
    try {
      MemoryBuffer buffer = MemoryUtils.wrap(bytes, offset, length);
      Object value = fory.deserialize(buffer);
      pool.give(fory);
      return value;
    } catch (RuntimeException e) {
      throw new IOException(message(e), e);
    }
  }

  private static String message(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return Text.describe(root);
  }

  private static ForyPool pool(ClassLoader loader) {
    ForyPool pool = latest;
    if (pool == null || pool.loader() != loader) {
      pool = ForyPool.of(loader);
      latest = pool;
    }
    return pool;
  }

  /** Loads and links what every object needs. */
  void warmUp() throws IOException {
    Supplier<String> lambda = (Supplier<String> & Serializable) () -> "fory";
    for (Object sample : List.of(new Sample(1, "one", List.of(1.0)), lambda)) {
      byte[] bytes = serialize(sample);
      deserialize(bytes, 0, bytes.length, ForySerializer.class.getClassLoader());
    }
  }

  private record Sample(int number, String text, List<Double> list) {}
}
