package multiprocessing.process;

import com.sun.net.httpserver.HttpServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.LongStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * What a program may be busy with while it is forked. Each keeps count of what it has done, and
 * throws when something comes out wrong, is lost, or comes twice.
 */
@SuppressWarnings("ImmutableEnumChecker") // it counts what its threads have done
enum Nuisance {
  ALLOCATING,
  DEFLATING,
  CLASS_LOADING,
  READING,
  MONITORS,
  WAITING,
  VIRTUAL_SOCKETS,
  VIRTUAL_LOCKS,
  COMMON_POOL,
  PARALLEL_STREAMS,
  HTTP,
  RANDOM;

  private static volatile boolean isOver;
  private static final AtomicLong PORTS = new AtomicLong();

  final AtomicLong rounds = new AtomicLong();
  volatile @org.jspecify.annotations.Nullable Throwable failure;

  /** One turn of a loop. */
  interface Step {
    void run() throws Exception;
  }

  static void end() {
    isOver = true;
  }

  /** Starts the threads that do it, for as long as the program runs. */
  void begin() throws Exception {
    switch (this) {
      case ALLOCATING -> loop(platform(), allocating());
      case DEFLATING -> loop(platform(), deflating());
      case CLASS_LOADING -> loop(platform(), Nuisance::loadClass);
      case READING -> readPipe();
      case MONITORS -> holdMonitors();
      case WAITING -> await();
      case VIRTUAL_SOCKETS -> talkOnVirtualThreads();
      case VIRTUAL_LOCKS -> lockOnVirtualThreads();
      case COMMON_POOL -> loop(platform(), this::useCommonPool);
      case PARALLEL_STREAMS -> loop(platform(), this::sumInParallel);
      case HTTP -> serve();
      case RANDOM -> loop(platform(), () -> new SecureRandom().nextBytes(new byte[100]));
    }
  }

  private ThreadFactory platform() {
    return Thread.ofPlatform().daemon().name(this + "-", 0).factory();
  }

  private ThreadFactory virtual() {
    return Thread.ofVirtual().name(this + "-", 0).factory();
  }

  private void loop(ThreadFactory threads, Step step) {
    threads
        .newThread(
            () -> {
              try {
                while (!isOver) {
                  step.run();
                  rounds.incrementAndGet();
                }
              } catch (Throwable t) {
                if (!isOver) {
                  failure = t;
                }
              }
            })
        .start();
  }

  private static void check(Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalStateException(found + " instead of " + expected);
    }
  }

  private static Step allocating() {
    Map<Integer, byte[]> kept = new HashMap<>();
    AtomicLong turn = new AtomicLong();
    return () -> {
      int number = (int) turn.getAndIncrement();
      byte[] fresh = new byte[2_000 + number % 5_000];
      Arrays.fill(fresh, (byte) number);
      byte[] old = kept.put(number % 500, fresh);
      if (old != null) {
        check((byte) (number - 500), old[old.length - 1]);
      }
    };
  }

  private static Step deflating() {
    byte[] content = new byte[100_000];
    new java.util.Random(1).nextBytes(content);
    Arrays.fill(content, 0, 50_000, (byte) 7);
    return () -> {
      byte[] packed = new byte[200_000];
      byte[] unpacked = new byte[content.length];
      try (Deflater deflater = new Deflater();
          Inflater inflater = new Inflater()) {
        deflater.setInput(content);
        deflater.finish();
        inflater.setInput(packed, 0, deflater.deflate(packed));
        inflater.inflate(unpacked);
      } catch (DataFormatException e) {
        throw new IllegalStateException(e);
      }
      check(true, Arrays.equals(content, unpacked));
    };
  }

  /** By a loader of its own from the same class path, over and over. */
  private static void loadClass() throws Exception {
    String name = Chore.Loaded.class.getName();
    ClassLoader loader =
        new ClassLoader(Nuisance.class.getClassLoader()) {
          @Override
          protected Class<?> loadClass(String wanted, boolean resolve)
              throws ClassNotFoundException {
            if (!wanted.equals(name)) {
              return super.loadClass(wanted, resolve);
            }
            try (InputStream in =
                Nuisance.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
              byte[] bytes = Objects.requireNonNull(in).readAllBytes();
              return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
              throw new ClassNotFoundException(name, e);
            }
          }
        };
    var constructor = loader.loadClass(name).getDeclaredConstructor();
    constructor.setAccessible(true);
    constructor.newInstance();
  }

  /** A child that read one of the numbers would leave a gap. */
  private void readPipe() throws IOException {
    Pipe pipe = Pipe.open();
    AtomicLong written = new AtomicLong();
    AtomicLong read = new AtomicLong();
    loop(
        platform(),
        () -> {
          ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
          pipe.sink().write(number.putLong(written.getAndIncrement()).flip());
          Thread.sleep(1);
        });
    loop(
        platform(),
        () -> {
          ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
          while (number.hasRemaining()) {
            check(true, pipe.source().read(number) > 0);
          }
          check(read.getAndIncrement(), number.flip().getLong());
        });
  }

  private void holdMonitors() {
    Object monitor = new Object();
    long[] sums = new long[2];
    for (int i = 0; i < 3; i++) {
      boolean isLazy = i == 0;
      loop(
          platform(),
          () -> {
            synchronized (monitor) {
              check(sums[0]++, sums[1]);
              if (isLazy) {
                Thread.sleep(2);
              }
              sums[1]++;
            }
          });
    }
  }

  private void await() {
    Object monitor = new Object();
    ReentrantLock lock = new ReentrantLock();
    Condition changed = lock.newCondition();
    for (int i = 0; i < 2; i++) {
      loop(
          platform(),
          () -> {
            synchronized (monitor) {
              monitor.wait(1_000);
            }
          });
      loop(
          platform(),
          () -> {
            lock.lock();
            try {
              boolean _ = changed.await(1, TimeUnit.SECONDS);
            } finally {
              lock.unlock();
            }
          });
    }
    loop(
        platform(),
        () -> {
          synchronized (monitor) {
            monitor.notifyAll();
          }
          lock.lock();
          try {
            changed.signalAll();
          } finally {
            lock.unlock();
          }
          Thread.sleep(1);
        });
  }

  private void talkOnVirtualThreads() throws IOException {
    ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    loop(
        virtual(),
        () -> {
          Socket socket = server.accept();
          virtual()
              .newThread(
                  () -> {
                    try (socket) {
                      socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                      failure = e;
                    }
                  })
              .start();
        });
    for (int i = 0; i < 3; i++) {
      Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      AtomicLong sent = new AtomicLong();
      loop(
          virtual(),
          () -> {
            out.writeLong(sent.get());
            check(sent.getAndIncrement(), in.readLong());
            Thread.sleep(1); // else the scheduler starves other virtual threads
          });
    }
  }

  private void lockOnVirtualThreads() {
    Object monitor = new Object();
    ReentrantLock lock = new ReentrantLock();
    long[] sums = new long[2];
    for (int i = 0; i < 10; i++) {
      loop(
          virtual(),
          () -> {
            lock.lock();
            try {
              check(sums[0]++, sums[1]);
              Thread.onSpinWait();
              sums[1]++;
            } finally {
              lock.unlock();
            }
            synchronized (monitor) {
              Thread.sleep(1);
            }
          });
    }
  }

  private void useCommonPool() {
    int number = (int) (rounds.get() & 1023);
    CompletableFuture<Integer> slow =
        new CompletableFuture<Integer>().completeOnTimeout(number, 1, TimeUnit.MILLISECONDS);
    CompletableFuture<Integer> sum = CompletableFuture.supplyAsync(() -> number);
    for (int i = 0; i < 20; i++) {
      sum = sum.thenCombineAsync(CompletableFuture.supplyAsync(() -> number), Integer::sum);
    }
    check(22 * number, sum.thenCombineAsync(slow, Integer::sum).join());
  }

  private void sumInParallel() {
    long seed = rounds.get();
    long end = 20_000;
    check(
        end * (end - 1) / 2 + end * seed,
        LongStream.range(0, end).parallel().map(i -> i + seed).sum());
  }

  private void serve() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = exchange.getRequestURI().getPath().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(answer);
          }
        });
    server.start();
    PORTS.set(server.getAddress().getPort());
    HttpClient client = HttpClient.newHttpClient();
    AtomicLong number = new AtomicLong();
    for (int i = 0; i < 2; i++) {
      loop(
          platform(),
          () -> {
            String path = "/" + number.incrementAndGet();
            URI uri = URI.create("http://localhost:" + PORTS.get() + path);
            HttpRequest request = HttpRequest.newBuilder(uri).build();
            check(path, client.send(request, HttpResponse.BodyHandlers.ofString()).body());
          });
    }
  }
}
