package multiprocessing.internal.serial;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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
  private static final String DECODER = "$deserializeLambda$";

  /** In the place of the number of captured values: they follow as one array. */
  private static final int TOGETHER = 255;

  private LambdaCodec() {}

  /** Returns the message, or null if the object has not this form. */
  static @Nullable Payload encode(Object value) {
    if (!Lambdas.isLambda(value.getClass())) {
      return null;
    }
    SerializedLambda form = Lambdas.form(value);
    return form == null ? null : encode(form);
  }

  /**
   * Returns the message of a lambda that is a {@link Runnable}, and that will be used as such
   * alone; null if the object is none. What is decoded is not a lambda, but calls the method that
   * holds its code: to link a lambda takes half of the time that a child needs for all else.
   *
   * @param others encodes what it has captured, an array, where something of that has no short form
   */
  static @Nullable Payload encodeTask(Object value, Function<Object, Payload> others) {
    if (!(value instanceof Runnable) || !Lambdas.isLambda(value.getClass())) {
      return null;
    }
    SerializedLambda form = Lambdas.form(value);
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

  /**
   * Returns the message of a task that calls a static method without parameters.
   *
   * @param home the class, with slashes
   */
  static Payload taskOf(String home, String method) {
    Payload task =
        taskOf(home, method, "()V", true, new @Nullable Object[0], _ -> new Payload(new byte[0]));
    return Objects.requireNonNull(task);
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
      out.writeByte(messages == null ? TOGETHER : messages.size());
      if (messages == null) {
        out.write(others.apply(captured).toBytes());
      } else {
        write(messages, out);
      }
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

  private static void write(List<byte[]> messages, DataOutputStream out) throws IOException {
    for (byte[] each : messages) {
      out.writeInt(each.length);
      out.write(each);
    }
  }

  private static @Nullable Payload encode(SerializedLambda form) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(Tag.LAMBDA);
      out.writeUTF(form.getCapturingClass());
      out.writeUTF(form.getFunctionalInterfaceClass());
      out.writeUTF(form.getFunctionalInterfaceMethodName());
      out.writeUTF(form.getFunctionalInterfaceMethodSignature());
      out.writeByte(form.getImplMethodKind());
      out.writeUTF(form.getImplClass());
      out.writeUTF(form.getImplMethodName());
      out.writeUTF(form.getImplMethodSignature());
      out.writeUTF(form.getInstantiatedMethodType());
      List<byte[]> messages = plainForms(captured(form));
      if (messages == null) {
        return null;
      }
      out.writeByte(messages.size());
      write(messages, out);
    } catch (IOException e) {
      return null; // a name of more than 65,535 bytes
    }
    return new Payload(bytes.toByteArray());
  }

  /**
   * Decodes what follows {@link Tag#TASK}.
   *
   * @param others decodes what the function of that name of {@link #encodeTask} has encoded
   */
  static Runnable decodeTask(
      byte[] bytes, int offset, int length, ClassLoader loader, Others others) throws Exception {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, offset, length));
    Class<?> home = Class.forName(in.readUTF().replace('/', '.'), false, loader);
    String method = in.readUTF();
    ClassLoader homes = home.getClassLoader();
    MethodType type = MethodType.fromMethodDescriptorString(in.readUTF(), homes);
    boolean isStatic = in.readBoolean();
    int count = in.readUnsignedByte();
    @Nullable Object[] captured = count == TOGETHER ? together(in, others) : captured(in, count);
    if (isStatic) {
      return new Task(new MethodCall(home, method, type, null, captured));
    }
    if (captured.length == 0 || captured[0] == null) {
      throw Text.damaged("a task without the object it belongs to");
    }
    @Nullable Object[] arguments = Arrays.copyOfRange(captured, 1, captured.length);
    return new Task(new MethodCall(home, method, type, captured[0], arguments));
  }

  private static @Nullable Object[] together(DataInputStream in, Others others) throws Exception {
    byte[] message = in.readAllBytes();
    if (others.decode(message, 0, message.length) instanceof Object[] captured) {
      return captured;
    }
    throw Text.damaged("captured values that are no array");
  }

  /** See {@link #decodeTask}. */
  interface Others {
    Object decode(byte[] bytes, int offset, int length) throws Exception;
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
  static Object decode(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, offset, length));
    Class<?> home = Class.forName(in.readUTF().replace('/', '.'), false, loader);
    String type = in.readUTF();
    String method = in.readUTF();
    String signature = in.readUTF();
    int kind = in.readUnsignedByte();
    return revive(
        home,
        new SerializedLambda(
            home,
            type,
            method,
            signature,
            kind,
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            captured(in, in.readUnsignedByte())));
  }

  private static @Nullable Object[] captured(DataInputStream in, int count) throws IOException {
    @Nullable Object[] captured = new @Nullable Object[count];
    for (int i = 0; i < captured.length; i++) {
      int length = in.readInt();
      if (length <= 0 || length > in.available()) {
        throw Text.damaged("a captured value of " + length + " bytes");
      }
      byte[] message = in.readNBytes(length);
      captured[i] =
          Plain.isBulk(message[0])
              ? Plain.decodeBulk(MemorySegment.ofArray(message), 0, length)
              : Plain.decode(message, 0, length);
    }
    return captured;
  }

  /** By the method that the compiler has made for that, as Java serialization does. */
  private static Object revive(Class<?> home, SerializedLambda form) throws IOException {
    try {
      Method decoder = home.getDeclaredMethod(DECODER, SerializedLambda.class);
      decoder.setAccessible(true);
      return decoder.invoke(null, form);
    } catch (InvocationTargetException e) {
      throw new IOException("cannot make a lambda of " + home.getName(), e.getCause());
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IOException("cannot make a lambda of " + home.getName(), e);
    }
  }
}
