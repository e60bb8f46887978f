package multiprocessing.bench.jmh;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import multiprocessing.memory.SharedArray;
import multiprocessing.memory.SharedValue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Shared values and arrays, beside what the JDK has for threads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SharedNumbers {
  private static final int LENGTH = 1024;

  private final SharedValue.OfLong value = SharedValue.ofLong(1);
  private final AtomicLong atomic = new AtomicLong(1);
  private final SharedArray.OfLong sharedArray = SharedArray.ofLongs(LENGTH);
  private final long[] array = LongStream.range(0, LENGTH).toArray();

  @Benchmark
  public long valueGet() {
    return value.get();
  }

  @Benchmark
  public void valueSet() {
    value.set(2);
  }

  @Benchmark
  public long valueGetVolatile() {
    return value.getVolatile();
  }

  @Benchmark
  public void valueSetVolatile() {
    value.setVolatile(2);
  }

  @Benchmark
  public long valueGetAndAdd() {
    return value.getAndAdd(1);
  }

  @Benchmark
  public long atomicLongGet() {
    return atomic.get();
  }

  @Benchmark
  public void atomicLongSet() {
    atomic.set(2);
  }

  @Benchmark
  public long atomicLongGetAndAdd() {
    return atomic.getAndAdd(1);
  }

  @Benchmark
  @OperationsPerInvocation(LENGTH)
  public long sharedArrayGet() {
    long sum = 0;
    for (int i = 0; i < LENGTH; i++) {
      sum += sharedArray.get(i);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(LENGTH)
  public long arrayGet() {
    long sum = 0;
    for (long each : array) {
      sum += each;
    }
    return sum;
  }
}
