package multiprocessing.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
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
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import multiprocessing.testing.Children;
import org.xml.sax.InputSource;

/**
 * What programs do, one part of the virtual machine and the JDK each. A child must be able to do it
 * however it was started; what comes out wrong is thrown.
 */
enum Chore {
  COLLECTION,
  COMPILATION,
  CLASS_LOADING,
  PLATFORM_THREADS,
  VIRTUAL_THREADS,
  POOLS_AND_TIMERS,
  COMMON_POOL,
  RANDOM,
  SOCKETS,
  VIRTUAL_SOCKETS,
  SELECTOR,
  HTTP,
  FILES,
  COMPRESSION,
  LOGGING,
  PROCESSES;

  /** Does it, with a content that depends on a number. */
  void run(int seed) throws Exception {
    switch (this) {
      case COLLECTION -> collect(seed);
      case COMPILATION -> compile(seed);
      case CLASS_LOADING -> loadClasses(seed);
      case PLATFORM_THREADS -> sumInThreads(Executors.newFixedThreadPool(4), seed);
      case VIRTUAL_THREADS -> sumInThreads(Executors.newVirtualThreadPerTaskExecutor(), seed);
      case POOLS_AND_TIMERS -> runPoolAndTimer(seed);
      case COMMON_POOL -> useCommonPool(seed);
      case RANDOM -> draw();
      case SOCKETS -> talk(Thread.ofPlatform(), seed);
      case VIRTUAL_SOCKETS -> talkOnVirtualThread(seed);
      case SELECTOR -> select(seed);
      case HTTP -> serve(seed);
      case FILES -> useFiles(seed);
      case COMPRESSION -> compress(seed);
      case LOGGING -> log(seed);
      case PROCESSES -> runProgram(seed);
    }
  }

  private static void check(Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalStateException(found + " instead of " + expected);
    }
  }

  /** Several collections, young and full, and what waits for them: references and cleaners. */
  private static void collect(int seed) throws InterruptedException {
    ReferenceQueue<Object> queue = new ReferenceQueue<>();
    List<Reference<Object>> references = new ArrayList<>();
    Map<Integer, int[]> kept = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      kept.put(i % 500, new int[] {seed, i, new byte[20_000].length});
      if (i % 100 == 0) {
        references.add(new PhantomReference<>(new Object(), queue));
        ByteBuffer.allocateDirect(10_000);
      }
    }
    System.gc();
    for (int i = 0; i < references.size(); i++) {
      queue.remove();
    }
    System.gc();
    kept.forEach((key, value) -> check(seed + 20_000 + key, value[0] + value[2] + value[1] % 500));
    check(500, kept.size());
  }

  /** Long enough for the optimizing compilers to take part, by way of a loop that goes on. */
  private static void compile(int seed) {
    long sum = 0;
    for (int i = 0; i < 3_000_000; i++) {
      sum += mix(seed, i) & 1;
    }
    long again = LongStream.range(0, 3_000_000).map(i -> mix(seed, (int) i) & 1).sum();
    check(again, sum);
  }

  private static int mix(int seed, int i) {
    int x = seed ^ (i * 0x9E3779B9);
    return ((x ^ (x >>> 16)) * 0x85EBCA6B) >>> 7;
  }

  /** What {@link #loadClasses} loads once more. */
  static final class Loaded implements Callable<Integer> {
    private static int calls;

    @Override
    public Integer call() {
      return ++calls;
    }
  }

  /** Loads one class twice by loaders of its own, and a part of the JDK that few have loaded. */
  private static void loadClasses(int seed) throws Exception {
    String name = Loaded.class.getName();
    byte[] bytes;
    try (InputStream stream =
        Chore.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
      bytes = Objects.requireNonNull(stream).readAllBytes();
    }
    for (int i = 0; i < 2; i++) {
      ClassLoader loader =
          new ClassLoader(Chore.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String wanted, boolean resolve)
                throws ClassNotFoundException {
              return wanted.equals(name)
                  ? defineClass(name, bytes, 0, bytes.length)
                  : super.loadClass(wanted, resolve);
            }
          };
      var constructor = loader.loadClass(name).getDeclaredConstructor();
      constructor.setAccessible(true);
      check(1, ((Callable<?>) constructor.newInstance()).call());
    }
    InputSource text = new InputSource(new java.io.StringReader("<a b='" + seed + "'/>"));
    var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(text);
    check("" + seed, document.getDocumentElement().getAttribute("b"));
  }

  private static void sumInThreads(ExecutorService threads, int seed)
      throws InterruptedException, ExecutionException {
    int count = 40;
    CountDownLatch several = new CountDownLatch(4); // as many as certainly run at the same time
    List<Future<Integer>> parts = new ArrayList<>();
    try (threads) {
      for (int i = 0; i < count; i++) {
        int part = seed + i;
        parts.add(
            threads.submit(
                () -> {
                  Thread.sleep(1);
                  several.countDown();
                  several.await();
                  return part;
                }));
      }
    }
    int sum = 0;
    for (Future<Integer> part : parts) {
      sum += part.get();
    }
    check(count * seed + count * (count - 1) / 2, sum);
  }

  private static void runPoolAndTimer(int seed) throws Exception {
    long sum = LongStream.range(0, 100_000).parallel().map(i -> i ^ seed).sum();
    check(LongStream.range(0, 100_000).map(i -> i ^ seed).sum(), sum);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      CountDownLatch ticks = new CountDownLatch(3);
      ScheduledFuture<?> ticking =
          timer.scheduleAtFixedRate(ticks::countDown, 1, 1, TimeUnit.MILLISECONDS);
      ticks.await();
      ticking.cancel(false);
    }
  }

  private static void useCommonPool(int seed) throws Exception {
    CompletableFuture<Integer> late =
        new CompletableFuture<Integer>().completeOnTimeout(seed, 2, TimeUnit.MILLISECONDS);
    CompletableFuture<Integer> sum = CompletableFuture.supplyAsync(() -> seed);
    for (int i = 0; i < 50; i++) {
      sum = sum.thenCombineAsync(CompletableFuture.supplyAsync(() -> seed), Integer::sum);
    }
    check(52 * seed, sum.thenCombineAsync(late, Integer::sum).get());
  }

  private static void draw() {
    byte[] first = new byte[32];
    byte[] second = new byte[32];
    new SecureRandom().nextBytes(first);
    new SecureRandom().nextBytes(second);
    check(false, Arrays.equals(first, second));
    check(false, java.util.UUID.randomUUID().equals(java.util.UUID.randomUUID()));
  }

  /** Both ends of it wait by the pollers. */
  private static void talkOnVirtualThread(int seed) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                talk(Thread.ofVirtual(), seed);
                done.complete(null);
              } catch (Throwable t) {
                done.completeExceptionally(t);
              }
            });
    done.get();
  }

  private static void talk(Thread.Builder threads, int seed) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread echo =
          threads.start(
              () ->
                  ChildTests.unchecked(
                      () -> {
                        try (Socket socket = server.accept()) {
                          socket.getInputStream().transferTo(socket.getOutputStream());
                        }
                      }));
      try (Socket socket = new Socket("localhost", server.getLocalPort())) {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        for (int i = 0; i < 20; i++) {
          out.writeInt(seed + i);
          check(seed + i, in.readInt());
        }
        socket.shutdownOutput();
        check(-1, in.read());
      }
      echo.join();
    }
  }

  private static void select(int seed) throws IOException {
    Pipe pipe = Pipe.open();
    try (Selector selector = Selector.open();
        Pipe.SinkChannel sink = pipe.sink();
        Pipe.SourceChannel source = pipe.source()) {
      source.configureBlocking(false);
      source.register(selector, SelectionKey.OP_READ);
      check(0, selector.selectNow());
      sink.write(ByteBuffer.wrap(("" + seed).getBytes(UTF_8)));
      check(1, selector.select());
      ByteBuffer buffer = ByteBuffer.allocate(100);
      source.read(buffer);
      check("" + seed, UTF_8.decode(buffer.flip()).toString());
    }
  }

  private static void serve(int seed) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = exchange.getRequestURI().getPath().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String base = "http://localhost:" + server.getAddress().getPort() + "/";
      HttpRequest request = HttpRequest.newBuilder(URI.create(base + seed)).build();
      check("/" + seed, client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      check(
          "/" + seed, client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).get().body());
    } finally {
      server.stop(0);
    }
  }

  private static void useFiles(int seed) throws IOException {
    Path folder = Files.createTempDirectory("chore");
    Path file = folder.resolve("file-" + seed);
    Files.writeString(file, "line\n".repeat(1_000));
    try (var lines = Files.lines(file)) {
      check(1_000L, lines.count());
    }
    try (var walk = Files.walk(folder)) {
      check(List.of(folder, file), walk.toList());
    }
    try (var channel = java.nio.channels.FileChannel.open(file)) {
      check(
          (byte) 'l',
          channel.map(java.nio.channels.FileChannel.MapMode.READ_ONLY, 0, 5_000).get(4_995));
    }
    Files.delete(file);
    Files.delete(folder);
  }

  private static void compress(int seed) throws IOException {
    byte[] content = new byte[100_000];
    new Random(seed).nextBytes(content);
    Arrays.fill(content, 0, 50_000, (byte) seed);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(content);
    }
    byte[] unpacked;
    try (InputStream in =
        new InflaterInputStream(new java.io.ByteArrayInputStream(packed.toByteArray()))) {
      unpacked = in.readAllBytes();
    }
    check(sum(content), sum(unpacked));
  }

  private static long sum(byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return sum.getValue();
  }

  private static void log(int seed) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    StreamHandler handler = new StreamHandler(text, new SimpleFormatter());
    Logger logger = Logger.getLogger("chore");
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    logger.log(Level.WARNING, "the number is {0}", "" + seed);
    logger.removeHandler(handler);
    handler.close();
    check(true, text.toString(UTF_8).contains("the number is " + seed));
  }

  private static void runProgram(int seed) throws Exception {
    Process program = new ProcessBuilder("/bin/sh", "-c", "cat; exit " + seed % 100).start();
    try (var out = program.getOutputStream()) {
      out.write(("" + seed).getBytes(UTF_8));
    }
    check("" + seed, new String(program.getInputStream().readAllBytes(), UTF_8));
    check(seed % 100, program.waitFor());
    Children.await(() -> !program.isAlive());
  }
}
