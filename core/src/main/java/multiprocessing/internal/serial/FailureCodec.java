package multiprocessing.internal.serial;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Throwables as messages.
 *
 * <p>The class name, the message and the stack come first, as text that always survives; the
 * serialized throwable itself comes last and may be absent, or fail to be restored, without harm.
 */
final class FailureCodec {
  private static final byte[] NOTHING = {};

  private final ObjectCodec objects;

  FailureCodec(ObjectCodec objects) {
    this.objects = objects;
  }

  Payload encode(Throwable failure) {
    String lost = "";
    byte[] original = NOTHING;
    try {
      original = objects.encodeForStart(failure, "exception").toBytes();
    } catch (Throwable e) {
      lost = "(the exception itself cannot travel: " + Text.describe(e) + ")\n";
    }
    byte[] name = failure.getClass().getName().getBytes(UTF_8);
    String message = Text.message(failure);
    byte[] said = message == null ? NOTHING : message.getBytes(UTF_8);
    byte[] stack = (Text.stack(failure) + lost).getBytes(UTF_8);
    byte[] head = new byte[13 + name.length + said.length + stack.length + original.length];
    ByteBuffer out = ByteBuffer.wrap(head).put(Tag.FAILURE);
    out.putInt(name.length).put(name);
    out.putInt(message == null ? -1 : said.length).put(said);
    out.putInt(stack.length).put(stack);
    out.put(original);
    return new Payload(head);
  }

  RemoteFailure decode(byte[] bytes, int offset, int length) {
    ByteBuffer in = ByteBuffer.wrap(bytes, offset + 1, length - 1);
    String name = text(in);
    String message = text(in);
    String stack = text(in);
    if (name == null || stack == null) {
      throw Text.damaged("a failure without a class or a stack");
    }
    Throwable original = null;
    if (in.hasRemaining()) {
      try {
        original = (Throwable) objects.decode(bytes, in.position(), in.remaining());
        Objects.requireNonNull(original, "its readResolve gave null");
      } catch (Throwable e) {
        stack += "(the exception itself did not arrive: " + Text.reason(e) + ")\n";
      }
    }
    return new RemoteFailure(name, message, stack, original);
  }

  private static @Nullable String text(ByteBuffer in) {
    int length = in.remaining() < 4 ? -2 : in.getInt();
    if (length < -1 || length > in.remaining()) {
      throw Text.damaged("a text of " + length + " bytes where " + in.remaining() + " remain");
    }
    if (length == -1) {
      return null;
    }
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, UTF_8);
  }
}
