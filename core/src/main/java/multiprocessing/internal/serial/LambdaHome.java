package multiprocessing.internal.serial;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.SerializedLambda;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Where lambdas are made anew: all that their messages say besides what they have captured. Those
 * that came lately are known, so that no name has to be read again; they live as long as the class
 * that the lambda is written in.
 */
final class LambdaHome {
  private static final String DECODER = "$deserializeLambda$";
  private static final int PLACES = 64;

  private static final AtomicReferenceArray<@Nullable WeakReference<LambdaHome>> KNOWN =
      new AtomicReferenceArray<>(PLACES);

  /** Holds them. */
  private static final ClassValue<Map<Integer, LambdaHome>> OF_CLASS =
      new ClassValue<>() {
        @Override
        protected Map<Integer, LambdaHome> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  private final byte[] names;
  private final WeakReference<ClassLoader> loader;
  private final Class<?> home;
  private final Method decoder;
  private final int kind;
  private final String[] texts;

  private LambdaHome(byte[] names, ClassLoader loader) throws IOException, ClassNotFoundException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(names));
    this.names = names;
    this.loader = new WeakReference<>(loader);
    this.home = Class.forName(in.readUTF().replace('/', '.'), false, loader);
    this.kind = in.readUnsignedByte();
    this.texts = new String[7];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = in.readUTF();
    }
    try {
      this.decoder = home.getDeclaredMethod(DECODER, SerializedLambda.class);
      decoder.setAccessible(true);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IOException("cannot make a lambda of " + home.getName(), e);
    }
  }

  /** All that messages of such lambdas say of them; null if a name is too long. */
  static byte @Nullable [] names(SerializedLambda form) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(form.getCapturingClass());
      out.writeByte(form.getImplMethodKind());
      out.writeUTF(form.getFunctionalInterfaceClass());
      out.writeUTF(form.getFunctionalInterfaceMethodName());
      out.writeUTF(form.getFunctionalInterfaceMethodSignature());
      out.writeUTF(form.getImplClass());
      out.writeUTF(form.getImplMethodName());
      out.writeUTF(form.getImplMethodSignature());
      out.writeUTF(form.getInstantiatedMethodType());
    } catch (IOException e) {
      return null; // a name of more than 65,535 bytes
    }
    return bytes.size() > Character.MAX_VALUE ? null : bytes.toByteArray();
  }

  /**
   * Returns the home that {@code names} tell.
   *
   * @param hash of the names, as the sender says
   * @param bytes holds the names
   * @param loader finds the class
   */
  static LambdaHome of(int hash, byte[] bytes, int offset, int length, ClassLoader loader)
      throws IOException, ClassNotFoundException {
    int place = Math.floorMod(hash, PLACES);
    WeakReference<LambdaHome> known = KNOWN.get(place);
    LambdaHome home = known == null ? null : known.get();
    if (home == null || !home.is(bytes, offset, length, loader)) {
      home = new LambdaHome(Arrays.copyOfRange(bytes, offset, offset + length), loader);
      OF_CLASS.get(home.home).put(hash, home);
      KNOWN.set(place, new WeakReference<>(home));
    }
    return home;
  }

  private boolean is(byte[] bytes, int offset, int length, ClassLoader expected) {
    return loader.refersTo(expected)
        && Arrays.equals(names, 0, names.length, bytes, offset, offset + length);
  }

  /**
   * Makes a lambda by the method that the compiler has made for that, as Java serialization does.
   */
  Object revive(@Nullable Object[] captured) throws IOException {
    try {
      return decoder.invoke(
          null,
          new SerializedLambda(
              home, texts[0], texts[1], texts[2], kind, texts[3], texts[4], texts[5], texts[6],
              captured));
    } catch (InvocationTargetException e) {
      throw new IOException("cannot make a lambda of " + home.getName(), e.getCause());
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IOException("cannot make a lambda of " + home.getName(), e);
    }
  }
}
