package multiprocessing.memory;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * How records of a type lie in memory: as C lays out a {@code struct} of their components.
 *
 * <p>Two method handles are put together once for each type; one makes a record of what lies at a
 * place, the other writes the components there. Neither boxes.
 */
final class RecordLayout<R extends Record> {
  private static final ClassValue<RecordLayout<?>> KNOWN =
      new ClassValue<>() {
        @Override
        protected RecordLayout<?> computeValue(Class<?> type) {
          return new RecordLayout<>(type.asSubclass(Record.class));
        }
      };

  private static final MethodType READ =
      MethodType.methodType(Record.class, MemorySegment.class, long.class);
  private static final MethodType WRITE =
      MethodType.methodType(void.class, MemorySegment.class, long.class, Record.class);
  private static final MethodHandle ADD;

  static {
    try {
      MethodType sum = MethodType.methodType(long.class, long.class, long.class);
      ADD = MethodHandles.lookup().findStatic(Long.class, "sum", sum);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Class<R> type;
  private final StructLayout struct;
  private final MethodHandle reader;
  private final MethodHandle writer;
  private final MethodHandle exactReader;
  private final MethodHandle exactWriter;

  private RecordLayout(Class<R> type) {
    this.type = type;
    try {
      List<MemoryLayout> members = new ArrayList<>();
      List<MethodHandle> readers = new ArrayList<>();
      List<MethodHandle> writers = new ArrayList<>();
      long end = 0;
      long alignment = 1;
      for (RecordComponent component : type.getRecordComponents()) {
        Member member = Member.of(component);
        long start = up(end, member.layout.byteAlignment());
        pad(members, start - end);
        members.add(member.layout.withName(component.getName()));
        readers.add(shifted(member.reader, start));
        writers.add(
            MethodHandles.filterArguments(shifted(member.writer, start), 2, accessor(component)));
        end = start + member.layout.byteSize();
        alignment = Math.max(alignment, member.layout.byteAlignment());
      }
      if (members.isEmpty()) {
        throw new IllegalArgumentException(type + " has no components to share");
      }
      pad(members, up(end, alignment) - end);
      this.struct = MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new));
      this.reader = reader(type, readers);
      this.writer = writer(type, writers);
      this.exactReader = reader.asType(READ);
      this.exactWriter = writer.asType(WRITE);
    } catch (InaccessibleObjectException e) {
      throw new IllegalArgumentException(
          type
              + " cannot be shared: its package must be open to the module multiprocessing ('opens "
              + type.getPackageName()
              + " to multiprocessing;' in module-info.java)",
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type + " cannot be shared: " + e, e);
    }
  }

  /**
   * The layout of a type.
   *
   * @throws IllegalArgumentException if it has none
   */
  @SuppressWarnings("unchecked") // each type has its own
  static <R extends Record> RecordLayout<R> of(Class<R> type) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException(type + " is no record");
    }
    return (RecordLayout<R>) KNOWN.get(type);
  }

  /** A component: how it lies in memory, and how it is read (segment, offset) and written. */
  private record Member(MemoryLayout layout, MethodHandle reader, MethodHandle writer) {
    static Member of(RecordComponent component) {
      Class<?> type = component.getType();
      if (type.isPrimitive()) {
        ValueLayout layout = Elements.layout(type);
        VarHandle handle = layout.varHandle();
        return new Member(
            layout,
            handle.toMethodHandle(VarHandle.AccessMode.GET),
            handle.toMethodHandle(VarHandle.AccessMode.SET));
      }
      if (type.isRecord()) {
        RecordLayout<?> inner = RecordLayout.of(type.asSubclass(Record.class));
        return new Member(inner.struct, inner.reader, inner.writer);
      }
      throw new IllegalArgumentException(
          component.getDeclaringRecord()
              + " cannot be shared: its component "
              + component.getName()
              + " is a "
              + type.getTypeName()
              + ", neither a primitive nor a record of primitives");
    }
  }

  private static long up(long offset, long alignment) {
    return offset + alignment - 1 & -alignment;
  }

  private static void pad(List<MemoryLayout> members, long bytes) {
    if (bytes > 0) {
      members.add(MemoryLayout.paddingLayout(bytes));
    }
  }

  /** The same access so many bytes further on. */
  private static MethodHandle shifted(MethodHandle access, long bytes) {
    return MethodHandles.filterArguments(access, 1, MethodHandles.insertArguments(ADD, 0, bytes));
  }

  private static MethodHandle accessor(RecordComponent component)
      throws ReflectiveOperationException {
    Method accessor = component.getAccessor();
    accessor.setAccessible(true);
    return MethodHandles.lookup().unreflect(accessor);
  }

  /** (segment, offset) to record: the constructor, whose arguments are read one by one. */
  private static MethodHandle reader(Class<?> type, List<MethodHandle> readers)
      throws ReflectiveOperationException {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < types.length; i++) {
      types[i] = components[i].getType();
    }
    Constructor<?> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    MethodHandle reader = MethodHandles.lookup().unreflectConstructor(constructor);
    int[] order = new int[2 * types.length];
    for (int i = types.length - 1; i >= 0; i--) {
      reader = MethodHandles.collectArguments(reader, i, readers.get(i));
      order[2 * i + 1] = 1;
    }
    MethodType whole = MethodType.methodType(type, MemorySegment.class, long.class);
    return MethodHandles.permuteArguments(reader, whole, order);
  }

  /** (segment, offset, record) to nothing: each component is written, in their order. */
  private static MethodHandle writer(Class<?> type, List<MethodHandle> writers) {
    MethodHandle writer =
        MethodHandles.empty(
            MethodType.methodType(void.class, MemorySegment.class, long.class, type));
    for (MethodHandle each : writers.reversed()) {
      writer = MethodHandles.foldArguments(writer, each);
    }
    return writer;
  }

  Class<R> type() {
    return type;
  }

  StructLayout struct() {
    return struct;
  }

  @SuppressWarnings("unchecked") // it makes records of this type
  R read(MemorySegment memory, long offset) {
    try {
      return (R) (Record) exactReader.invokeExact(memory, offset);
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  void write(MemorySegment memory, long offset, R value) {
    try {
      exactWriter.invokeExact(memory, offset, (Record) value);
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    switch (thrown) {
      case Error error -> throw error;
      case RuntimeException runtime -> throw runtime;
      default -> throw new IllegalStateException("a record's constructor failed", thrown);
    }
  }
}
