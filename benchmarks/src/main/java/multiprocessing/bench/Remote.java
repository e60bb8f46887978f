package multiprocessing.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A program that does one work, a round each time it is asked.
 *
 * <p>It says {@code ready} when it is, then answers each line {@code run N} with {@code ok NANOS},
 * the time it needed to do the work N times, or with {@code error SENTENCE}. It ends when its
 * standard input does.
 */
final class Remote implements AutoCloseable {
  private static final String END = "";
  private static final long END_SECONDS = 5;
  private static final Set<Remote> OPEN = ConcurrentHashMap.newKeySet();

  static {
    // Ctrl-C: what is still there goes at once.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(Remote::kill)));
  }

  private final Process process;
  private final Writer orders;
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Set<ProcessHandle> children = new LinkedHashSet<>();

  private Remote(Process process) {
    this.process = process;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts a program; {@link #awaitReady} tells when it is up. */
  static Remote start(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Remote remote = new Remote(process);
    OPEN.add(remote);
    Thread.ofPlatform().daemon().name("answers").start(remote::readAnswers);
    return remote;
  }

  private void readAnswers() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // The program was killed: its end is all there is to tell.
    }
    answers.add(END);
  }

  void awaitReady(Duration timeout) throws FailedException, InterruptedException {
    String answer = answer(timeout);
    if (!answer.equals("ready")) {
      throw new FailedException(answer);
    }
  }

  /** Has the work done {@code count} times; gives the time in nanoseconds. */
  long run(long count, Duration timeout) throws FailedException, InterruptedException {
    try {
      orders.write("run " + count + "\n");
      orders.flush();
    } catch (IOException e) {
      throw new FailedException("the program has ended");
    }
    return parse(answer(timeout));
  }

  static long parse(String answer) throws FailedException {
    Optional<String> number =
        Optional.of(answer).filter(text -> text.startsWith("ok ")).map(text -> text.substring(3));
    try {
      return Long.parseLong(number.orElseThrow(() -> new FailedException(answer)));
    } catch (NumberFormatException e) {
      throw new FailedException("an answer that makes no sense: " + answer);
    }
  }

  private String answer(Duration timeout) throws FailedException, InterruptedException {
    String answer = answers.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      kill();
      throw new FailedException("it took too long, and was ended");
    }
    if (answer.equals(END)) {
      throw new FailedException("the program has ended");
    }
    if (answer.startsWith("error ")) {
      throw new FailedException(answer.substring("error ".length()));
    }
    return answer;
  }

  /** Waits until the program has ended; false if the time ran out. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void kill() {
    List<ProcessHandle> offspring = process.descendants().toList();
    process.destroyForcibly();
    offspring.forEach(ProcessHandle::destroyForcibly);
  }

  /** Lets the program end, and does not wait for it. */
  void quit() {
    children.addAll(process.descendants().toList());
    try {
      orders.close();
    } catch (IOException e) {
      // It has ended already.
    }
  }

  /** Lets the program end, and sees to it that nothing of it is left. */
  @Override
  public void close() {
    quit();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    OPEN.remove(this);
  }

  /** The program did not do what it was asked for; the message says why. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }
}
