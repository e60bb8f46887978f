package multiprocessing.manager;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.lang.reflect.Method;
import multiprocessing.internal.serial.Codec;
import multiprocessing.internal.serial.Payload;
import multiprocessing.internal.serial.RemoteFailure;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.internal.wire.Reader;
import multiprocessing.internal.wire.Writer;
import org.jspecify.annotations.Nullable;

/** The messages between a server and its clients. */
final class Protocol {
  /**
   * The first message of a connection: the client's id, its pid, the number of the channel, and
   * what it offers as shared memory. Channel 0 is the one that tells of the client's life. The
   * answer is the server's id there, elsewhere the server's pid if it has taken the memory, else 0.
   */
  static final int HELLO = 1;

  /** The number of the channel that tells of a client's life. */
  static final int LIFE = 0;

  /** A call: thread, object, method, arguments. */
  static final int CALL = 2;

  /** Makes an object: thread, type, arguments. The answer is its reference. */
  static final int CREATE = 3;

  /** The client has another reference to an object. The answer is nothing. */
  static final int RETAIN = 4;

  /** The client has let go of references: object, count. On the channel of its life; no answer. */
  static final int RELEASE = 5;

  /** Makes a type known: interface, supplier. The answer is nothing. */
  static final int REGISTER = 6;

  /**
   * A call is not waited for any more, and may have been answered: channel, and which of its calls.
   * On the channel of the client's life; no answer.
   */
  static final int CANCEL = 7;

  /** The server is to end. The answer is nothing. */
  static final int SHUTDOWN = 8;

  /** The answer is how many objects clients have references to. */
  static final int COUNT = 9;

  private static final int VALUE = 0;
  private static final int FAILURE = 1;

  private Protocol() {}

  static Writer begin(int operation) {
    return new Writer().number(operation);
  }

  static Writer memory(Writer writer, @Nullable SharedBlock block) {
    writer.flag(block != null);
    if (block != null) {
      SharedBlock.Handle handle = block.export();
      writer.number(handle.tree()).number(handle.offset()).number(handle.stamp());
    }
    return writer;
  }

  /** The memory that the other side offers; null if that is none, or cannot be used here. */
  static @Nullable SharedBlock memory(Reader reader) {
    if (!reader.flag()) {
      return null;
    }
    try {
      return new SharedBlock.Handle(reader.number(), reader.number(), reader.number()).attach();
    } catch (InvalidObjectException e) {
      return null; // it is of another tree
    }
  }

  private static Writer add(Writer writer, Payload payload) {
    return writer.bytes(Math.toIntExact(payload.size()), payload::writeTo);
  }

  static Writer arguments(Writer writer, Codec codec, @Nullable Object... arguments) {
    writer.number(arguments.length);
    for (int i = 0; i < arguments.length; i++) {
      add(writer, codec.encode(arguments[i], "argument " + (i + 1)));
    }
    return writer;
  }

  static @Nullable Object[] arguments(Reader reader, Codec codec) {
    int count = Math.toIntExact(reader.number());
    if (count < 0 || count > 255) {
      throw new IllegalArgumentException("a call with " + count + " arguments");
    }
    @Nullable Object[] arguments = new @Nullable Object[count];
    for (int i = 0; i < count; i++) {
      arguments[i] = reader.<@Nullable Object>bytes(codec::decode);
    }
    return arguments;
  }

  static byte[] value(Codec codec, @Nullable Object value) {
    return add(begin(VALUE), codec.encode(value, "result")).toBytes();
  }

  static byte[] failure(Codec codec, Throwable failure) {
    return add(begin(FAILURE), codec.encodeFailure(failure)).toBytes();
  }

  /**
   * The value of the answer to a hello.
   *
   * @throws IOException if the server does not want this client
   */
  static @Nullable Object greeting(byte[] answer, Codec codec) throws IOException {
    Reader reader = new Reader(answer);
    boolean isWelcome = reader.number() == VALUE;
    Object content = reader.<@Nullable Object>bytes(codec::decode);
    if (!isWelcome) {
      Object reason =
          content instanceof RemoteFailure failure ? failure.toThrowable().getMessage() : content;
      throw new IOException("the server refuses this client: " + reason);
    }
    return content;
  }

  /** The value of an answer; throws its failure. */
  static @Nullable Object read(byte[] answer, Codec codec) throws Throwable {
    Reader reader = new Reader(answer);
    long kind = reader.number();
    Object content = reader.<@Nullable Object>bytes(codec::decode);
    if (kind == FAILURE && content instanceof RemoteFailure failure) {
      throw failure.toThrowable();
    }
    return content;
  }

  /** By what a method is called: its name and the types of its parameters. */
  static String key(Method method) {
    StringBuilder key = new StringBuilder(method.getName());
    for (Class<?> type : method.getParameterTypes()) {
      key.append(' ').append(type.getName());
    }
    return key.toString();
  }
}
