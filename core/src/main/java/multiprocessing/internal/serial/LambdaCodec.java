package multiprocessing.internal.serial;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.os.MethodCall;
import org.jspecify.annotations.Nullable;

/**
 * A form for lambdas that have captured nothing, or only what has a short form itself: what {@link
 * SerializedLambda} says of it. The task of most children is one, and a virtual machine that has
 * just started reads this in a fraction of the time that it needs for Java serialization.
 */
final class LambdaCodec {
  /** In the place of the number of captured values: they follow as one array. */
  private static final int TOGETHER = 255;

  private static final ClassValue<Head> HEADS =
      new ClassValue<>() {
        @Override
        protected Head computeValue(Class<?> type) {
          return new Head();
        }
      };

  private LambdaCodec() {}

  /** Returns the message, or null if the object has not this form. */
  static @Nullable Payload encode(Object value) {
    SerializedLambda form = Lambdas.form(value);
    if (form == null) {
      return null;
    }
    byte[] head = HEADS.get(value.getClass()).of(form);
    List<byte[]> messages = plainForms(captured(form));
    return head == null || messages == null ? null : new Payload(message(head, messages));
  }

  /**
   * Returns the message of a lambda that is a {@link Runnable}, and that will be used as such
   * alone; null if the object is none. What is decoded is not a lambda, but calls the method that
   * holds its code: to link a lambda takes half of the time that a child needs for all else.
   *
   * @param others encodes what it has captured, an array, where something of that has no short form
   */
  static @Nullable Payload encodeTask(Object value, Function<Object, Payload> others) {
    SerializedLambda form = value instanceof Runnable ? Lambdas.form(value) : null;
    if (form == null
        || !form.getImplMethodSignature().endsWith(")V")
        || !form.getImplClass().equals(form.getCapturingClass())
        || !isCall(form.getImplMethodKind())) {
      return null;
    }
    return taskOf(
        form.getImplClass(),
        form.getImplMethodName(),
        form.getImplMethodSignature(),
        form.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic,
        captured(form),
        others);
  }

  private static @Nullable Object[] captured(SerializedLambda form) {
    @Nullable Object[] captured = new @Nullable Object[form.getCapturedArgCount()];
    for (int i = 0; i < captured.length; i++) {
      captured[i] = form.getCapturedArg(i);
    }
    return captured;
  }

  private static boolean isCall(int kind) {
    return switch (kind) {
      case MethodHandleInfo.REF_invokeStatic,
          MethodHandleInfo.REF_invokeVirtual,
          MethodHandleInfo.REF_invokeSpecial ->
          true;
      default -> false;
    };
  }

  /** Null if a name is too long, or what is captured cannot travel. */
  private static @Nullable Payload taskOf(
      String home,
      String method,
      String signature,
      boolean isStatic,
      @Nullable Object[] captured,
      Function<Object, Payload> others) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(Tag.TASK);
      out.writeUTF(home);
      out.writeUTF(method);
      out.writeUTF(signature);
      out.writeBoolean(isStatic);
      List<byte[]> messages = plainForms(captured);
      if (messages != null) {
        return new Payload(message(bytes.toByteArray(), messages));
      }
      out.writeByte(TOGETHER);
      out.write(others.apply(captured).toBytes());
    } catch (IOException | SerializationException e) {
      return null;
    }
    return new Payload(bytes.toByteArray());
  }

  /** The short forms of some objects; null if one of them has none. */
  private static @Nullable List<byte[]> plainForms(@Nullable Object[] objects) {
    List<byte[]> messages = new ArrayList<>(objects.length);
    for (Object each : objects) {
      Payload message = Plain.encode(each);
      if (message == null) {
        return null;
      }
      messages.add(message.toBytes());
    }
    return messages.size() < TOGETHER ? messages : null;
  }

  private static byte[] message(byte[] head, List<byte[]> captured) {
    int size = head.length + 1;
    for (byte[] each : captured) {
      size += Integer.BYTES + each.length;
    }
    byte[] bytes = Arrays.copyOf(head, size);
    ByteBuffer rest = ByteBuffer.wrap(bytes).position(head.length);
    rest.put((byte) captured.size());
    for (byte[] each : captured) {
      rest.putInt(each.length).put(each);
    }
    return bytes;
  }

  /**
   * Decodes what follows {@link Tag#TASK}.
   *
   * @param objects decodes what the lambda has captured
   */
  static Runnable decodeTask(
      byte[] bytes, int offset, int length, ClassLoader loader, ObjectCodec objects)
      throws Exception {
    ByteArrayInputStream stream = new ByteArrayInputStream(bytes, offset, length);
    DataInputStream in = new DataInputStream(stream);
    Class<?> home = Class.forName(in.readUTF().replace('/', '.'), false, loader);
    String method = in.readUTF();
    ClassLoader homes = home.getClassLoader();
    MethodType type = MethodType.fromMethodDescriptorString(in.readUTF(), homes);
    boolean isStatic = in.readBoolean();
    int count = in.readUnsignedByte();
    int left = stream.available();
    @Nullable Object[] captured =
        count == TOGETHER
            ? together(bytes, offset + length - left, left, objects)
            : captured(bytes, ByteBuffer.wrap(bytes, offset + length - left, left), count, objects);
    if (isStatic) {
      return new Task(new MethodCall(home, method, type, null, captured));
    }
    if (captured.length == 0 || captured[0] == null) {
      throw Text.damaged("a task without the object it belongs to");
    }
    @Nullable Object[] arguments = Arrays.copyOfRange(captured, 1, captured.length);
    return new Task(new MethodCall(home, method, type, captured[0], arguments));
  }

  private static @Nullable Object[] together(
      byte[] bytes, int offset, int length, ObjectCodec objects) throws Exception {
    if (length > 0 && objects.decode(bytes, offset, length) instanceof Object[] captured) {
      return captured;
    }
    throw Text.damaged("captured values that are no array");
  }

  private record Task(MethodCall call) implements Runnable {
    @Override
    public void run() {
      try {
        call.run();
      } catch (Throwable t) {
        throw LambdaCodec.<RuntimeException>unchecked(t);
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // thrown as it is
  private static <T extends Throwable> RuntimeException unchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** Decodes what follows {@link Tag#LAMBDA}. */
  static Object decode(
      byte[] bytes, int offset, int length, ClassLoader loader, ObjectCodec objects)
      throws IOException, ClassNotFoundException {
    ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
    int hash = in.getInt();
    int names = in.getChar();
    LambdaHome home = LambdaHome.of(hash, bytes, in.position(), names, loader);
    in.position(in.position() + names);
    return home.revive(captured(bytes, in, in.get() & 0xFF, objects));
  }

  /** The next values of an array, from where {@code in} stands in it. */
  private static @Nullable Object[] captured(
      byte[] bytes, ByteBuffer in, int count, ObjectCodec objects) throws ClassNotFoundException {
    @Nullable Object[] captured = new @Nullable Object[count];
    for (int i = 0; i < captured.length; i++) {
      int length = in.getInt();
      if (length <= 0 || length > in.remaining()) {
        throw Text.damaged("a captured value of " + length + " bytes");
      }
      captured[i] = objects.decodePlain(bytes, in.position(), length);
      in.position(in.position() + length);
    }
    return captured;
  }

  /** What the messages of all lambdas of a class begin with. */
  private static final class Head {
    private byte @Nullable [] bytes;
    private boolean isKnown;

    /** Returns it; null if a name is too long. */
    synchronized byte @Nullable [] of(SerializedLambda form) {
      if (!isKnown) {
        byte[] names = LambdaHome.names(form);
        if (names != null) {
          bytes =
              ByteBuffer.allocate(1 + Integer.BYTES + Character.BYTES + names.length)
                  .put(Tag.LAMBDA)
                  .putInt(Arrays.hashCode(names))
                  .putChar((char) names.length)
                  .put(names)
                  .array();
        }
        isKnown = true;
      }
      return bytes;
    }
  }
}
