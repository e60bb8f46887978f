package multiprocessing.internal.serial;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import multiprocessing.internal.os.StaticCall;
import org.jspecify.annotations.Nullable;

/**
 * A form for lambdas that have captured nothing, or only what has a short form itself: what {@link
 * SerializedLambda} says of it. The task of most children is one, and a virtual machine that has
 * just started reads this in a fraction of the time that it needs for Java serialization.
 */
final class LambdaCodec {
  private static final String DECODER = "$deserializeLambda$";

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
   * Returns the message of a lambda without captures that is a {@link Runnable}, and that will be
   * used as such alone; null if the object is none. What is decoded is not a lambda, but calls the
   * method that holds its code: to link a lambda takes half of the time that a child needs for all
   * else.
   */
  static @Nullable Payload encodeTask(Object value) {
    if (!(value instanceof Runnable) || !Lambdas.isLambda(value.getClass())) {
      return null;
    }
    SerializedLambda form = Lambdas.form(value);
    boolean isPlain =
        form != null
            && form.getCapturedArgCount() == 0
            && form.getImplMethodKind() == MethodHandleInfo.REF_invokeStatic
            && form.getImplMethodSignature().equals("()V")
            && form.getImplClass().equals(form.getCapturingClass());
    return form == null || !isPlain ? null : taskOf(form.getImplClass(), form.getImplMethodName());
  }

  /**
   * Returns the message of a task that calls a static method without parameters; null if its name
   * is too long.
   *
   * @param home the class, with slashes
   */
  static @Nullable Payload taskOf(String home, String method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(Tag.TASK);
      out.writeUTF(home);
      out.writeUTF(method);
    } catch (IOException e) {
      return null; // a name of more than 65,535 bytes
    }
    return new Payload(bytes.toByteArray());
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
      out.writeByte(form.getCapturedArgCount());
      for (int i = 0; i < form.getCapturedArgCount(); i++) {
        Payload captured = Plain.encode(form.getCapturedArg(i));
        if (captured == null) {
          return null;
        }
        byte[] message = captured.toBytes();
        out.writeInt(message.length);
        out.write(message);
      }
    } catch (IOException e) {
      return null; // a name of more than 65,535 bytes
    }
    return new Payload(bytes.toByteArray());
  }

  /** Decodes what follows {@link Tag#TASK}. */
  static Runnable decodeTask(byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, offset, length));
    return new Task(Class.forName(in.readUTF().replace('/', '.'), false, loader), in.readUTF());
  }

  private record Task(Class<?> home, String method) implements Runnable {
    @Override
    public void run() {
      try {
        StaticCall.run(home, method);
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
            captured(in)));
  }

  private static @Nullable Object[] captured(DataInputStream in) throws IOException {
    @Nullable Object[] captured = new @Nullable Object[in.readUnsignedByte()];
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
