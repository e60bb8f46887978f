package multiprocessing.internal.serial;

import java.io.EOFException;
import java.io.InvalidClassException;
import java.io.OptionalDataException;
import java.io.PrintWriter;
import java.io.StreamCorruptedException;
import java.io.StringWriter;
import multiprocessing.error.SerializationException;
import org.jspecify.annotations.Nullable;

/** The sentences of this room, and what a throwable says of itself, whatever its methods do. */
final class Text {
  /** Characters of a stack text that travel; a trace of 1,024 frames has about 80,000. */
  private static final int STACK_LIMIT = 256 * 1024;

  private static final int MESSAGE_LIMIT = 64 * 1024;

  private Text() {}

  static @Nullable String message(Throwable failure) {
    try {
      String message = failure.getMessage();
      return message == null ? null : cut(message, MESSAGE_LIMIT);
    } catch (Throwable e) {
      return "(its getMessage threw " + e.getClass().getName() + ")";
    }
  }

  static String describe(Throwable failure) {
    String message = message(failure);
    String name = failure.getClass().getName();
    return message == null ? name : name + ": " + message;
  }

  static String stack(Throwable failure) {
    var text = new StringWriter();
    try (var writer = new PrintWriter(text)) {
      failure.printStackTrace(writer);
    } catch (Throwable e) {
      text.append("(its printStackTrace threw ").append(e.getClass().getName()).append(")\n");
      text.append(failure.getClass().getName()).append('\n');
      appendFrames(text, failure);
    }
    return cut(text.toString(), STACK_LIMIT);
  }

  private static void appendFrames(StringWriter text, Throwable failure) {
    try {
      for (StackTraceElement frame : failure.getStackTrace()) {
        text.append("\tat ").append(frame.toString()).append('\n');
      }
    } catch (Throwable e) {
      text.append("\t(no stack)\n");
    }
  }

  private static String cut(String text, int limit) {
    return text.length() <= limit
        ? text
        : text.substring(0, limit) + "\n... (" + (text.length() - limit) + " more characters)";
  }

  static SerializationException toDecode(Throwable cause) {
    return cause instanceof SerializationException told ? told : toDecode(null, cause);
  }

  static SerializationException toDecode(@Nullable String className, Throwable cause) {
    String what = className == null ? "an object" : "an object of class " + className;
    return new SerializationException("cannot restore " + what + ": " + reason(cause), cause);
  }

  static SerializationException damaged(String how) {
    return new SerializationException("damaged message: " + how);
  }

  /**
   * Returns why something failed: what its innermost cause says, in plain words where they are
   * known.
   */
  static String reason(Throwable cause) {
    Throwable root = cause;
    for (int i = 0; i < 20 && root.getCause() != null; i++) {
      root = root.getCause();
    }
    return switch (root) {
      case ClassNotFoundException e -> "this process has no class " + e.getMessage();
      case InvalidClassException e -> "the class differs, or refuses: " + e.getMessage();
      case EOFException e -> "the message ends too early";
      case StreamCorruptedException e -> "the message is damaged: " + e.getMessage();
      case OptionalDataException e -> "its readObject does not read what writeObject wrote";
      case StackOverflowError e -> "its references are nested too deeply for the stack";
      default -> describe(root);
    };
  }
}
