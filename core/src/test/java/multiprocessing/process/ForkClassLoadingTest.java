package multiprocessing.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import multiprocessing.error.StartException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A fork while another thread is amid getting a class ready for use: the child does not have that
 * thread, and would wait for it for ever as soon as it uses the class.
 */
final class ForkClassLoadingTest extends ChildTests {
  private static final int FORKS = 60;
  private static final int SUBCLASSES = 20;
  private static final long PAUSE_NANOS = 50_000; // without any, there is hardly a moment to fork
  private static final String PACKAGE = ForkClassLoadingTest.class.getPackageName() + ".";
  private static final ClassDesc BASE = ClassDesc.of(PACKAGE + "Base");

  /** What there is of each class that is made here. */
  private static final Map<String, byte[]> FILES = files();

  /** The class that is being got ready. */
  private static volatile @Nullable Class<?> current;

  ForkClassLoadingTest() {
    super(StartMethod.FORK);
  }

  private static Map<String, byte[]> files() {
    Map<String, byte[]> files = new HashMap<>();
    make(files, "Base", type -> {});
    for (int i = 0; i < SUBCLASSES; i++) {
      make(files, "Sub" + i, type -> type.withSuperclass(BASE));
    }
    make(files, "Linked", ForkClassLoadingTest::addCasts);
    make(files, "Initialised", ForkClassLoadingTest::addInitialiser);
    return files;
  }

  private static void make(Map<String, byte[]> files, String name, Consumer<ClassBuilder> content) {
    files.put(PACKAGE + name, ClassFile.of().build(ClassDesc.of(PACKAGE + name), content));
  }

  /** Whoever links the class loads all the others, to see whether these methods are sound. */
  private static void addCasts(ClassBuilder type) {
    for (int i = 0; i < SUBCLASSES; i++) {
      type.withMethodBody(
          "cast" + i,
          MethodTypeDesc.of(BASE, ClassDesc.of(PACKAGE + "Sub" + i)),
          ClassFile.ACC_STATIC,
          code -> {
            addLength(code);
            code.aload(0).areturn();
          });
    }
  }

  private static void addInitialiser(ClassBuilder type) {
    for (int i = 0; i < SUBCLASSES; i++) {
      type.withMethodBody(
          "run" + i,
          ConstantDescs.MTD_void,
          ClassFile.ACC_STATIC,
          code -> {
            addLength(code);
            code.return_();
          });
    }
    type.withMethodBody(
        "<clinit>", ConstantDescs.MTD_void, ClassFile.ACC_STATIC, CodeBuilder::return_);
  }

  /** Code that takes a while to verify. */
  private static void addLength(CodeBuilder code) {
    for (int i = 0; i < 300; i++) {
      code.loadConstant(i).pop();
    }
  }

  /** Has the classes of {@link #FILES}. */
  private static final class Loader extends ClassLoader {
    static {
      registerAsParallelCapable();
    }

    Loader() {
      super(null);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] file = FILES.get(name);
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      return defineClass(name, file, 0, file.length);
    }
  }

  private static void link() throws Exception {
    Class<?> type = new Loader().loadClass(PACKAGE + "Linked");
    current = type;
    getReady(type);
  }

  private static void initialise() throws Exception {
    byte[] file = Objects.requireNonNull(FILES.get(PACKAGE + "Initialised"));
    MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(file, false);
    current = lookup.lookupClass();
    lookup.ensureInitialized(lookup.lookupClass());
  }

  private static void getReady(Class<?> type) {
    try {
      if (type.isHidden()) {
        MethodHandles.privateLookupIn(type, MethodHandles.lookup()).ensureInitialized(type);
      } else {
        Class.forName(type.getName(), true, type.getClassLoader());
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the class cannot be used", e);
    }
  }

  /** What the other thread does with one class after the other. */
  enum Work {
    LINK,
    INITIALISE;

    void repeat(long pauseNanos) {
      SerializableRunnable once =
          this == LINK ? ForkClassLoadingTest::link : ForkClassLoadingTest::initialise;
      while (!Thread.currentThread().isInterrupted()) {
        once.run();
        if (pauseNanos > 0) {
          LockSupport.parkNanos(pauseNanos);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theChildUsesAClassThatAnotherThreadGetsReady(Work work) throws Exception {
    try (Busy _ = new Busy(1, () -> work.repeat(PAUSE_NANOS))) {
      for (int i = 0; i < FORKS; i++) {
        assertEquals(0, run(ForkClassLoadingTest::useCurrent), "fork " + i);
      }
    }
  }

  /** Where threads never rest there is hardly a moment to fork; then the user is told so. */
  @Test
  void aForkIsRefusedOrSoundWhereThreadsLinkWithoutAPause() throws Exception {
    int threads = 4 * Runtime.getRuntime().availableProcessors();
    try (Busy _ = new Busy(threads, () -> Work.LINK.repeat(0))) {
      assertEquals(0, run(ForkClassLoadingTest::useCurrent));
    } catch (StartException e) {
      String told = String.valueOf(e.getMessage());
      assertTrue(told.contains("\"" + Busy.NAME + "\" does not leave"), told);
      assertTrue(told.contains("forkserver or spawn"), told);
    }
  }

  /** Threads that do something until they are interrupted. */
  private static final class Busy implements AutoCloseable {
    static final String NAME = "gets classes ready";

    private final List<Thread> threads = new ArrayList<>();

    Busy(int count, Runnable work) {
      for (int i = 0; i < count; i++) {
        threads.add(Thread.ofPlatform().name(NAME).start(work));
      }
    }

    @Override
    public void close() {
      threads.forEach(Thread::interrupt);
      try {
        for (Thread thread : threads) {
          thread.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      current = null;
    }
  }

  private static void useCurrent() {
    Class<?> type = current;
    if (type != null) {
      getReady(type);
    }
  }
}
