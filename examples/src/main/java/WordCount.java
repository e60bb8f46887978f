import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.DataOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import multiprocessing.Multiprocessing;
import multiprocessing.error.ProcessException;
import multiprocessing.pool.ProcessPool;
import multiprocessing.pool.TaskFuture;
import multiprocessing.process.SerializableCallable;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * word-count: the words of text files, counted on all processors.
 *
 * <p>{@code --help} tells how to use it. It is a map-reduce over processes. {@link Input} cuts the
 * files into batches of two megabytes or so. A {@link Batch} is a task: a worker process of the
 * pool reads it and sends back {@link Counts}. A {@link Pass} hands out the batches and adds up the
 * counts. A worker that dies costs the one batch that it was at, or nothing with {@code --retries}.
 */
@NullMarked
public final class WordCount {
  private static final String HELP =
      """
      Counts the words of text files on all processors.

          WordCount [OPTION…] [PATH…]

      PATH is a file, or a folder with all below it; a .zip or .jar named here stands for the files
      in it. Without PATH: the sources of the JDK, or of this repository where the JDK has none.
      A word is a run of letters. Files with a zero byte near their start are taken for no text.

          --top N         show the N most frequent words (20)
          --processes N   use N worker processes (as many as there are processors)
          --retries N     when a worker dies, count its batch again, up to N times (0)
          --no-compare    do not measure one process beside the pool
          --help          show this

      Exit code: 0; 1 if batches are missing from the counts; 2 if an argument is wrong.
      """;

  private static final long COMPARE_MILLIS = 6000;

  private WordCount() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int exitCode;
    try {
      exitCode = run(new Options(arguments));
    } catch (IllegalArgumentException e) {
      complain(e.getMessage());
      exitCode = 2;
    } catch (ProcessException e) { // no worker could be started, for instance
      complain(e.getMessage());
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  private static int run(Options options) throws InterruptedException {
    if (options.help) {
      System.out.print(HELP);
      return 0;
    }
    long start = System.currentTimeMillis();
    try (ProcessPool pool =
        Multiprocessing.poolBuilder()
            .processes(options.processes)
            .retries(options.retries)
            .build()) {
      Input input = Input.of(options.paths); // while the workers start
      if (input.batches.isEmpty()) {
        complain("there is nothing to count");
        return 1;
      }
      Pass pass = Pass.over(input.batches, pool, start, new Progress(input.bytes));
      pass.tell(options.top);
      System.out.println(options.processes + " processes: " + pass.time());
      if (!pass.isComplete()) {
        return 1;
      }
      if (options.compare) {
        compare(input, pool);
      }
      return 0;
    }
  }

  /**
   * Measures one process beside the pool: a worker like the others, which gets everything as one
   * batch. Both repeat it for some seconds and the best times count, since a JVM is slow until it
   * has compiled what it runs often. That takes each worker the same amount of work, so the pool
   * repeats it once for each of its workers where the one process does once.
   */
  private static void compare(Input input, ProcessPool pool) throws InterruptedException {
    List<Batch> whole = List.of(input.asOneBatch());
    long start = System.currentTimeMillis();
    try (ProcessPool single = Multiprocessing.pool(1)) {
      Pass first = Pass.over(whole, single, start, new Progress(0));
      System.out.println("one process: " + first.time());
      double best = Double.MAX_VALUE;
      double singleBest = Double.MAX_VALUE;
      do {
        for (int i = 0; i < pool.size(); i++) {
          best = Math.min(best, seconds(input.batches, pool));
        }
        singleBest = Math.min(singleBest, seconds(whole, single));
      } while (System.currentTimeMillis() < start + COMPARE_MILLIS);
      System.out.printf(
          Locale.ROOT,
          "warm: %.2f s, one process %.2f s; the pool is %.2f times as fast%n",
          best,
          singleBest,
          singleBest / best);
    }
  }

  private static double seconds(List<Batch> batches, ProcessPool pool) throws InterruptedException {
    Pass pass = Pass.over(batches, pool, System.currentTimeMillis(), new Progress(0));
    return pass.isComplete() ? pass.seconds() : Double.MAX_VALUE;
  }

  private static void complain(@Nullable String sentence) {
    System.err.println("WordCount: " + sentence);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file";
      case AccessDeniedException _ -> "permission denied";
      default -> Objects.requireNonNullElse(e.getMessage(), e.toString());
    };
  }

  /** What the command line says. */
  private static final class Options {
    final List<Path> paths = new ArrayList<>();
    int top = 20;
    int processes = Multiprocessing.cpuCount();
    int retries;
    boolean compare = true;
    boolean help;

    Options(String[] arguments) {
      ArrayDeque<String> left = new ArrayDeque<>(List.of(arguments));
      while (!left.isEmpty()) {
        String argument = left.remove();
        switch (argument) {
          case "--top" -> top = number(argument, 0, left.poll());
          case "--processes" -> processes = number(argument, 1, left.poll());
          case "--retries" -> retries = number(argument, 0, left.poll());
          case "--no-compare" -> compare = false;
          case "--help" -> help = true;
          default -> {
            if (argument.startsWith("-")) {
              throw new IllegalArgumentException("unknown option " + argument + "; try --help");
            }
            paths.add(Path.of(argument));
          }
        }
      }
    }

    private static int number(String option, int least, @Nullable String value) {
      if (value == null || !value.matches("\\d{1,9}") || Integer.parseInt(value) < least) {
        throw new IllegalArgumentException(option + " wants a number, " + least + " or more");
      }
      return Integer.parseInt(value);
    }
  }

  // ---- what there is to count -------------------------------------------------------------

  /** The files below some paths, cut into batches. */
  private static final class Input {
    private static final int BATCH_BYTES = 2 << 20;

    final List<Batch> batches = new ArrayList<>();
    long bytes;
    private List<Piece> pieces = new ArrayList<>();
    private long pieceBytes;

    static Input of(List<Path> paths) {
      Input input = new Input();
      for (Path path : paths.isEmpty() ? List.of(byDefault()) : paths) {
        try {
          if (path.toString().matches(".*\\.(zip|jar)") && Files.isRegularFile(path)) {
            input.addArchive(path);
          } else {
            input.addTree(Files.isSymbolicLink(path) ? path.toRealPath() : path);
          }
        } catch (IOException e) {
          skip(path, reason(e));
        }
      }
      input.endBatch();
      return input;
    }

    private static void skip(Path path, String reason) {
      complain("skipped " + path + ": " + reason);
    }

    private static Path byDefault() {
      Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
      if (Files.exists(sources)) {
        return sources;
      }
      // The class path begins somewhere in the repository.
      String[] classPath = System.getProperty("java.class.path").split(File.pathSeparator, 2);
      Path folder = Path.of(classPath[0]).toAbsolutePath();
      while (folder != null && !Files.exists(folder.resolve("ARCHITECTURE.md"))) {
        folder = folder.getParent();
      }
      return Objects.requireNonNullElse(folder, Path.of(""));
    }

    private void addArchive(Path path) throws IOException {
      try (ZipFile archive = new ZipFile(path.toFile())) {
        for (ZipEntry entry : Collections.list(archive.entries())) {
          if (!entry.isDirectory()) {
            add(new Piece(path.toString(), entry.getName(), 0, Piece.END), entry.getSize());
          }
        }
      }
    }

    private void addTree(Path root) throws IOException {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                addFile(file.toString(), attributes.size());
              } else if (file.equals(root)) {
                skip(file, "neither a file nor a folder");
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              skip(file, reason(failure));
              return FileVisitResult.CONTINUE;
            }
          });
    }

    /** A big file is cut, so that several workers can share it. */
    private void addFile(String file, long size) {
      if (size <= BATCH_BYTES) {
        add(new Piece(file, null, 0, Piece.END), size);
        return;
      }
      for (long from = 0; from < size; from += BATCH_BYTES) {
        long to = Math.min(from + BATCH_BYTES, size);
        add(new Piece(file, null, from, to), to - from);
      }
    }

    private void add(Piece piece, long size) {
      pieces.add(piece);
      pieceBytes += Math.max(0, size); // -1 where an archive does not tell
      if (pieceBytes >= BATCH_BYTES) {
        endBatch();
      }
    }

    private void endBatch() {
      if (!pieces.isEmpty()) {
        batches.add(new Batch(pieces, pieceBytes));
        bytes += pieceBytes;
        pieces = new ArrayList<>();
        pieceBytes = 0;
      }
    }

    Batch asOneBatch() {
      return new Batch(batches.stream().flatMap(each -> each.pieces.stream()).toList(), bytes);
    }
  }

  /** A file, an entry of an archive, or the bytes {@code from} to {@code to} of a big file. */
  private record Piece(String file, @Nullable String entry, long from, long to)
      implements Serializable {
    static final long END = Long.MAX_VALUE;
    private static final int HEAD = 8192;

    /** The archives that this worker has open: it lives as long as the pool. */
    private static final Map<String, ZipFile> ARCHIVES = new HashMap<>();

    /** Its bytes; null if it is not of a text. */
    byte @Nullable [] read() throws IOException {
      if (entry != null) {
        return textOrNull(readEntry(entry));
      }
      if (from == 0 && to == END) {
        return textOrNull(Files.readAllBytes(Path.of(file)));
      }
      try (FileInputStream in = new FileInputStream(file)) {
        if (textOrNull(in.readNBytes(HEAD)) == null) {
          return null;
        }
        long start = gap(in, from);
        long end = gap(in, to);
        in.getChannel().position(start);
        return in.readNBytes(Math.toIntExact(end - start));
      }
    }

    private byte[] readEntry(String name) throws IOException {
      ZipFile archive = ARCHIVES.get(file);
      if (archive == null) {
        archive = new ZipFile(file);
        ARCHIVES.put(file, archive);
      }
      try (InputStream in = archive.getInputStream(archive.getEntry(name))) {
        return in.readAllBytes();
      }
    }

    private static byte @Nullable [] textOrNull(byte[] bytes) {
      for (int i = 0; i < Math.min(bytes.length, HEAD); i++) {
        if (bytes[i] == 0) {
          return null;
        }
      }
      return bytes;
    }

    /**
     * The first place from {@code at} on with no word across it. The piece that ends at {@code at}
     * finds the same place, so no word is cut, lost, or counted twice.
     */
    private static long gap(FileInputStream in, long at) throws IOException {
      if (at == 0) {
        return 0;
      }
      long place = in.getChannel().position(at - 1).position();
      while (true) {
        byte[] block = in.readNBytes(256);
        for (byte each : block) {
          place++;
          if (!Tally.isWordPart(each)) {
            return place;
          }
        }
        if (block.length == 0) {
          return place;
        }
      }
    }

    @Override
    public String toString() {
      return file + (entry == null ? "" : "!" + entry) + (to == END ? "" : " from byte " + from);
    }
  }

  // ---- the map: what a worker does --------------------------------------------------------

  /** A task: some pieces. Its result is {@link Counts} as bytes. */
  private record Batch(List<Piece> pieces, long bytes) implements SerializableCallable<byte[]> {
    @Override
    public byte[] call() throws IOException {
      Counts counts = new Counts();
      counts.startMillis = System.currentTimeMillis();
      for (Piece piece : pieces) {
        try {
          counts.add(piece);
        } catch (IOException e) {
          counts.unreadable.add(piece.file + ": " + reason(e));
        }
      }
      return counts.toBytes();
    }

    /** The pool calls the task so when its worker has died. */
    @Override
    public String toString() {
      String first = pieces.getFirst().toString();
      return pieces.size() == 1 ? first : pieces.size() + " files from " + first + " on";
    }
  }

  /** What was counted. */
  private static final class Counts {
    final Tally words = new Tally();
    final Tally unreadable = new Tally();
    long startMillis = Long.MAX_VALUE;
    long files;
    long otherFiles;
    long bytes;

    void add(Piece piece) throws IOException {
      byte[] text = piece.read();
      int file = piece.from == 0 ? 1 : 0;
      if (text == null) {
        otherFiles += file;
      } else {
        files += file;
        bytes += text.length;
        words.addWords(text);
      }
    }

    /** The counts to send: one array of bytes travels much faster than thousands of objects. */
    byte[] toBytes() throws IOException {
      ByteArrayOutputStream array = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(array);
      for (long number : new long[] {startMillis, files, otherFiles, bytes}) {
        out.writeLong(number);
      }
      words.writeTo(out);
      unreadable.writeTo(out);
      return array.toByteArray();
    }

    /** Adds what {@link #toBytes} made. */
    void add(byte[] sent) {
      ByteBuffer in = ByteBuffer.wrap(sent);
      startMillis = Math.min(startMillis, in.getLong());
      files += in.getLong();
      otherFiles += in.getLong();
      bytes += in.getLong();
      words.addFrom(in);
      unreadable.addFrom(in);
    }
  }

  /**
   * How often each word was seen: a hash table over the UTF-8 of words, since an object for each
   * word that comes by would cost more than all the rest.
   */
  private static final class Tally {
    /** By byte: the lower case of an ASCII letter; 0 for other ASCII; the rest as it is. */
    private static final byte[] LETTERS = new byte[256];

    static {
      for (int i = 0; i < LETTERS.length; i++) {
        LETTERS[i] = (byte) (i > 127 ? i : Character.isLetter(i) ? Character.toLowerCase(i) : 0);
      }
    }

    private @Nullable Word[] table = new Word[1 << 9]; // each at the place of its hash, or behind
    private int size;

    /** A word in UTF-8, and how often it was seen. */
    private static final class Word {
      private final byte[] letters;
      private long count;

      Word(byte[] letters) {
        this.letters = letters;
      }

      long count() {
        return count;
      }

      @Override
      public String toString() {
        return new String(letters, StandardCharsets.UTF_8);
      }
    }

    List<Word> words() {
      List<Word> words = new ArrayList<>(size);
      for (Word word : table) {
        if (word != null) {
          words.add(word);
        }
      }
      return words;
    }

    /** Whether a byte may be of a letter: all bytes but those of other ASCII characters. */
    static boolean isWordPart(byte each) {
      return LETTERS[each & 0xFF] != 0;
    }

    /** Adds the words of a text in UTF-8, which is changed. */
    void addWords(byte[] text) {
      for (int start = 0, end = 0; start < text.length; start = ++end) {
        boolean ascii = true;
        for (; end < text.length && isWordPart(text[end]); end++) {
          text[end] = LETTERS[text[end] & 0xFF];
          ascii &= text[end] > 0;
        }
        if (!ascii) {
          addWords(new String(text, start, end - start, StandardCharsets.UTF_8));
        } else if (end > start) {
          add(text, start, end, 1);
        }
      }
    }

    private void addWords(String text) {
      int start = 0;
      for (int end = 0, next; end < text.length(); end = next) {
        int character = text.codePointAt(end);
        next = end + Character.charCount(character);
        if (!Character.isLetter(character)) {
          add(text.substring(start, end).toLowerCase(Locale.ROOT));
          start = next;
        }
      }
      add(text.substring(start).toLowerCase(Locale.ROOT));
    }

    void add(String word) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      if (bytes.length > 0) {
        add(bytes, 0, bytes.length, 1);
      }
    }

    private void add(byte[] source, int from, int to, long count) {
      int place = place(source, from, to);
      Word word = table[place];
      if (word == null) {
        word = new Word(Arrays.copyOfRange(source, from, to));
        table[place] = word;
        size++;
      }
      word.count += count;
      if (size > table.length / 2) {
        List<Word> words = words();
        table = new Word[table.length * 2];
        words.forEach(each -> table[place(each.letters, 0, each.letters.length)] = each);
      }
    }

    /** The place in the table that has a word; or that gets it, if it is new. */
    private int place(byte[] source, int from, int to) {
      int hash = 0;
      for (int i = from; i < to; i++) {
        hash = hash * 31 + source[i];
      }
      int last = table.length - 1;
      int place = (hash ^ hash >>> 16) & last;
      for (Word word; (word = table[place]) != null; place = (place + 1) & last) {
        if (Arrays.equals(word.letters, 0, word.letters.length, source, from, to)) {
          break;
        }
      }
      return place;
    }

    void writeTo(DataOutputStream out) throws IOException {
      out.writeInt(size);
      for (Word word : words()) {
        out.writeLong(word.count);
        out.writeInt(word.letters.length);
        out.write(word.letters);
      }
    }

    /** Adds what {@link #writeTo} wrote. */
    void addFrom(ByteBuffer in) {
      for (int left = in.getInt(); left > 0; left--) {
        long count = in.getLong();
        byte[] letters = new byte[in.getInt()];
        in.get(letters);
        add(letters, 0, letters.length, count);
      }
    }
  }

  // ---- the reduce: what this process does -------------------------------------------------

  /** All batches, counted once on a pool. */
  private static final class Pass {
    private final Counts counts = new Counts();
    private final Map<Batch, Throwable> failures = new LinkedHashMap<>();
    private final int batches;
    private final long startMillis;
    private long endMillis;

    private Pass(int batches, long startMillis) {
      this.batches = batches;
      this.startMillis = startMillis;
    }

    static Pass over(List<Batch> batches, ProcessPool pool, long startMillis, Progress progress)
        throws InterruptedException {
      Pass pass = new Pass(batches.size(), startMillis);
      ArrayDeque<TaskFuture<byte[]>> futures = new ArrayDeque<>();
      batches.forEach(batch -> futures.add(pool.submit(batch)));
      try (progress) {
        for (Batch batch : batches) {
          try {
            pass.counts.add(futures.remove().get());
          } catch (ExecutionException e) {
            pass.failures.put(batch, Objects.requireNonNullElse(e.getCause(), e));
          }
          progress.step(batch.bytes);
        }
      }
      pass.endMillis = System.currentTimeMillis();
      return pass;
    }

    boolean isComplete() {
      return failures.isEmpty();
    }

    double seconds() {
      return (endMillis - startMillis) / 1e3;
    }

    String time() {
      double up = (Math.min(counts.startMillis, endMillis) - startMillis) / 1e3;
      return String.format(
          Locale.ROOT, "%.2f s, of which %.2f s until the first worker was up", seconds(), up);
    }

    void tell(int top) {
      counts.unreadable.words().forEach(file -> complain("skipped " + file));
      failures.forEach(
          (batch, reason) -> {
            boolean sentence = reason instanceof ProcessException;
            complain("not counted: " + (sentence ? reason.getMessage() : batch + ": " + reason));
            batch.pieces.forEach(piece -> System.err.println("    " + piece));
          });
      if (!isComplete()) {
        System.out.println(
            "INCOMPLETE: " + failures.size() + " of " + batches + " batches were not counted");
      }
      List<Tally.Word> words = counts.words.words();
      words.stream()
          .sorted(
              Comparator.comparingLong(Tally.Word::count)
                  .reversed()
                  .thenComparing(Tally.Word::toString))
          .limit(top)
          .forEach(word -> System.out.printf(Locale.ROOT, "%,13d  %s%n", word.count, word));
      System.out.printf(
          Locale.ROOT,
          "%,d files, %,d bytes, %,d words, %,d different; %,d files skipped that are no text%n",
          counts.files,
          counts.bytes,
          words.stream().mapToLong(Tally.Word::count).sum(),
          words.size(),
          counts.otherFiles);
    }
  }

  /** A bar on a terminal; elsewhere a line for each tenth. */
  private static final class Progress implements AutoCloseable {
    private final long total;
    private final @Nullable ProgressBar bar;
    private long done;

    /** Of so many bytes; 0 to show nothing. */
    Progress(long total) {
      this.total = total;
      boolean watched =
          Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
      this.bar =
          total > 0 && watched
              ? new ProgressBarBuilder()
                  .setTaskName("counting")
                  .setInitialMax(total)
                  .setUnit(" MB", 1_000_000)
                  .setUpdateIntervalMillis(100)
                  .build()
              : null;
    }

    void step(long bytes) {
      long before = done;
      done += bytes;
      if (bar != null) {
        bar.stepTo(done);
      } else if (total > 0 && done * 10 / total > before * 10 / total) {
        System.err.println("counted " + done / 1_000_000 + " of " + total / 1_000_000 + " MB");
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
