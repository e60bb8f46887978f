package multiprocessing.internal.serial;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import multiprocessing.spi.Serializer;
import org.jspecify.annotations.Nullable;

/** The service of a given name, looked for when the first object needs it. */
final class PluggedSerializer implements Serializer {
  private final String name;
  private volatile @Nullable Serializer found;

  PluggedSerializer(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public byte[] serialize(Object value) throws IOException {
    return service().serialize(value);
  }

  @Override
  public Object deserialize(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException {
    return service().deserialize(bytes, offset, length, loader);
  }

  private Serializer service() throws IOException {
    Serializer service = found;
    if (service == null) {
      service = find();
      found = service;
    }
    return service;
  }

  private Serializer find() throws IOException {
    List<String> others = new ArrayList<>(List.of(ForySerializer.NAME, JavaSerializer.NAME));
    for (Serializer service : ServiceLoader.load(Serializer.class)) {
      if (service.name().equals(name)) {
        return service;
      }
      others.add(service.name());
    }
    throw new IOException(
        "-D"
            + PROPERTY
            + "="
            + name
            + " names no serializer that is known here; there are "
            + others);
  }
}
