package multiprocessing.internal.sync;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Access to the 32 and 64 bit words of shared memory: {@code (segment, offset)} coordinates. */
public final class Words {
  /** A 32-bit word; the only kind that a futex can wait on. */
  public static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

  /** A 64-bit word. */
  public static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private Words() {}
}
