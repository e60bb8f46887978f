package multiprocessing.memory;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.foreign.ValueLayout;
import multiprocessing.internal.shm.SentBlock;
import multiprocessing.internal.shm.SharedBlock;
import multiprocessing.memory.SharedObject.Cells;
import multiprocessing.sync.ProcessReentrantLock;
import org.jspecify.annotations.Nullable;

/** What is known of the types that elements of shared arrays can have. */
final class Elements {
  private Elements() {}

  /** How a primitive lies in memory. */
  static ValueLayout layout(Class<?> primitive) {
    return switch (primitive.getName()) {
      case "boolean" -> ValueLayout.JAVA_BOOLEAN;
      case "byte" -> ValueLayout.JAVA_BYTE;
      case "short" -> ValueLayout.JAVA_SHORT;
      case "char" -> ValueLayout.JAVA_CHAR;
      case "int" -> ValueLayout.JAVA_INT;
      case "long" -> ValueLayout.JAVA_LONG;
      case "float" -> ValueLayout.JAVA_FLOAT;
      case "double" -> ValueLayout.JAVA_DOUBLE;
      default -> throw new IllegalArgumentException(primitive + " is no primitive type");
    };
  }

  private static SharedArray<?, ?> array(Class<?> element, Cells cells) {
    return switch (element.getName()) {
      case "boolean" -> new SharedArray.OfBoolean(cells);
      case "byte" -> new SharedArray.OfByte(cells);
      case "short" -> new SharedArray.OfShort(cells);
      case "char" -> new SharedArray.OfChar(cells);
      case "int" -> new SharedArray.OfInt(cells);
      case "long" -> new SharedArray.OfLong(cells);
      case "float" -> new SharedArray.OfFloat(cells);
      case "double" -> new SharedArray.OfDouble(cells);
      default ->
          new SharedArray.OfRecord<>(cells, RecordLayout.of(element.asSubclass(Record.class)));
    };
  }

  private static SharedValue<?> value(SharedArray<?, ?> cell) {
    return switch (cell) {
      case SharedArray.OfBoolean array -> new SharedValue.OfBoolean(array);
      case SharedArray.OfByte array -> new SharedValue.OfByte(array);
      case SharedArray.OfShort array -> new SharedValue.OfShort(array);
      case SharedArray.OfChar array -> new SharedValue.OfChar(array);
      case SharedArray.OfInt array -> new SharedValue.OfInt(array);
      case SharedArray.OfLong array -> new SharedValue.OfLong(array);
      case SharedArray.OfFloat array -> new SharedValue.OfFloat(array);
      case SharedArray.OfDouble array -> new SharedValue.OfDouble(array);
      case SharedArray.OfRecord<?> array -> new SharedValue.OfRecord<>(array);
    };
  }

  /** What travels of an array. */
  static final class Sent extends SentBlock {
    @Serial private static final long serialVersionUID = 1L;

    private final Class<?> element;
    private final long bytes;
    private final @Nullable ProcessReentrantLock lock;

    Sent(Class<?> element, SharedBlock block, long bytes, @Nullable ProcessReentrantLock lock) {
      super(block);
      this.element = element;
      this.bytes = bytes;
      this.lock = lock;
    }

    @Serial
    private Object readResolve() throws InvalidObjectException {
      return array(element, new Cells(arrive(), bytes, lock));
    }
  }

  /** What travels of a value. */
  static final class SentValue implements Serializable {
    @Serial private static final long serialVersionUID = 1L;

    private final SharedArray<?, ?> cell;

    SentValue(SharedArray<?, ?> cell) {
      this.cell = cell;
    }

    @Serial
    private Object readResolve() {
      return value(cell);
    }
  }
}
