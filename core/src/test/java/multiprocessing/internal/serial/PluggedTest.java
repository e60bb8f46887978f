package multiprocessing.internal.serial;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.serial.Samples.Bare;
import multiprocessing.internal.serial.Samples.Point;
import multiprocessing.spi.Serializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A serializer of the user's own, found as a service. */
final class PluggedTest {
  /** Knows how to write {@link Bare}, as text. */
  public static final class Simple implements Serializer {
    @Override
    public String name() {
      return "simple";
    }

    @Override
    public byte[] serialize(Object value) throws IOException {
      if (value instanceof Bare bare) {
        return (bare.x() + " " + String.join(" ", bare.names())).getBytes(UTF_8);
      }
      throw new IOException("simple knows no " + value.getClass().getName());
    }

    @Override
    public Object deserialize(byte[] bytes, int offset, int length, ClassLoader loader)
        throws IOException {
      var in = new ByteArrayInputStream(bytes, offset, length);
      List<String> words = List.of(new String(in.readAllBytes(), UTF_8).split(" "));
      return new Bare(Integer.parseInt(words.get(0)), words.subList(1, words.size()));
    }
  }

  @TempDir private Path folder;
  private ClassLoader loader = PluggedTest.class.getClassLoader();

  @BeforeEach
  void register() throws IOException {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(Serializer.class.getName()), Simple.class.getName());
    loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, loader);
  }

  private static Codec codec(String name) {
    return new Codec(new ObjectCodec(new PluggedSerializer(name), false));
  }

  @Test
  void serviceOfThatNameIsUsed() throws Exception {
    Codec codec = codec("simple");
    var value = new Bare(5, List.of("a", "b"));
    byte[] message = Compiled.with(loader, () -> codec.encode(value).toBytes());
    assertEquals(Tag.PLUGGED, message[0]);
    assertEquals("simple", new String(message, 2, message[1], UTF_8));
    assertEquals(value, codec.decode(message));
    byte[] padded = new byte[message.length + 3];
    System.arraycopy(message, 0, padded, 3, message.length);
    assertEquals(value, codec.decode(padded, 3, message.length));
  }

  @Test
  void whatItRefusesGoesByJavaSerialization() throws Exception {
    Codec codec = codec("simple");
    byte[] message = Compiled.with(loader, () -> codec.encode(new Point(1, "p", 2)).toBytes());
    assertEquals(Tag.JAVA, message[0]);
  }

  @Test
  void whatNothingCanWriteIsReportedInItsWords() throws Exception {
    Codec codec = codec("simple");
    var value = new Samples.Plain();
    var e =
        assertThrows(
            SerializationException.class, () -> Compiled.with(loader, () -> codec.encode(value)));
    assertTrue(String.valueOf(e.getMessage()).contains("simple knows no"), e.getMessage());
  }

  @Test
  void unknownNameIsReportedAtFirstUse() throws Exception {
    Codec codec = codec("no-such");
    var value = new Bare(5, List.of());
    var e =
        assertThrows(
            SerializationException.class, () -> Compiled.with(loader, () -> codec.encode(value)));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains("-Dmultiprocessing.serializer=no-such names no serializer"),
        e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("[fory, java, simple]"), e.getMessage());
  }

  @Test
  void receiverWithAnotherSerializerSaysSo() throws Exception {
    byte[] message =
        Compiled.with(loader, () -> codec("simple").encode(new Bare(1, List.of())).toBytes());
    for (Codec codec : List.of(Mode.DEFAULT.codec(), Mode.JAVA.codec(), codec("other"))) {
      var e = assertThrows(SerializationException.class, () -> codec.decode(message));
      assertTrue(String.valueOf(e.getMessage()).contains("the sender used"), e.getMessage());
    }
  }
}
