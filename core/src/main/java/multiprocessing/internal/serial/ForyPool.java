package multiprocessing.internal.serial;

import java.io.ObjectInputFilter;
import java.lang.ref.SoftReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.fory.Fory;
import org.apache.fory.config.ForyBuilder;
import org.apache.fory.logging.LoggerFactory;
import org.apache.fory.resolver.SharedRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Instances of Fory for the classes of one loader.
 *
 * <p>An instance serves one thread at a time. Taking one never waits: where none is idle, another
 * is made. So neither many virtual threads nor a fork, in which the threads that had taken one are
 * gone, can bring it to a standstill.
 */
final class ForyPool {
  private static final int SLOTS = 16;

  /** References that may be nested in what it reads; each instance has a table of this size. */
  private static final int DEPTH = 100_000;

  private static final Map<ClassLoader, SoftReference<ForyPool>> POOLS = new WeakHashMap<>();

  static {
    // Its log goes to stdout, which belongs to the program.
    if (System.getenv("FORY_LOG_LEVEL") == null) {
      LoggerFactory.disableLogging();
    }
  }

  private final ClassLoader loader;
  private final ClassLoader classes;
  private final SharedRegistry registry = new SharedRegistry();
  private final AtomicReferenceArray<@Nullable Fory> idle = new AtomicReferenceArray<>(SLOTS);

  private ForyPool(ClassLoader loader) {
    this.loader = loader;
    this.classes = knowsTheLibrary(loader) ? loader : new Fallback(loader);
  }

  private static boolean knowsTheLibrary(ClassLoader loader) {
    try {
      return Class.forName(ForyPool.class.getName(), false, loader) == ForyPool.class;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  static ForyPool of(ClassLoader loader) {
    synchronized (POOLS) {
      SoftReference<ForyPool> known = POOLS.get(loader);
      ForyPool pool = known == null ? null : known.get();
      if (pool == null) {
        pool = new ForyPool(loader);
        POOLS.put(loader, new SoftReference<>(pool));
      }
      return pool;
    }
  }

  ClassLoader loader() {
    return loader;
  }

  Fory take() {
    int first = slot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i) % SLOTS;
      if (idle.getPlain(slot) != null) {
        Fory fory = idle.getAndSet(slot, null);
        if (fory != null) {
          return fory;
        }
      }
    }
    return create();
  }

  void give(Fory fory) {
    int first = slot();
    for (int i = 0; i < SLOTS; i++) {
      int slot = (first + i) % SLOTS;
      if (idle.getPlain(slot) == null && idle.compareAndSet(slot, null, fory)) {
        return;
      }
    }
  }

  private static int slot() {
    return (int) (Thread.currentThread().threadId() % SLOTS);
  }

  private Fory create() {
    ForyBuilder builder =
        Fory.builder()
            .withXlang(false)
            .requireClassRegistration(false)
            .suppressClassRegistrationWarnings(true)
            .registerGuavaTypes(false)
            .withRefTracking(true)
            .withCompatible(false)
            .withClassVersionCheck(false)
            .withCodegen(false)
            .withDeserializeUnknownClass(false)
            .withMaxDepth(DEPTH)
            .withMaxGraphMemoryBytes(Runtime.getRuntime().maxMemory())
            .withMaxUnbackedContainerItems(Integer.MAX_VALUE)
            .withMaxTypeFields(Short.MAX_VALUE)
            .withSerializerFactory(ForyRules::serializer)
            .withSharedRegistry(registry)
            .withClassLoader(classes);
    ObjectInputFilter filter = ObjectInputFilter.Config.getSerialFilter();
    if (filter != null) {
      ForyRules.filter(builder, filter);
    }
    Fory fory = builder.build();
    ForyRules.register(fory);
    return fory;
  }

  /** Finds classes with one loader, then with that of the library. */
  private static final class Fallback extends ClassLoader {
    Fallback(ClassLoader first) {
      super(first);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      return Class.forName(name, false, ForyPool.class.getClassLoader());
    }
  }
}
