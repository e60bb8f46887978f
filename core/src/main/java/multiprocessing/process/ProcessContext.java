package multiprocessing.process;

/** What stands for a way to start children, such as {@code multiprocessing.Context}. */
public interface ProcessContext {
  /** Returns how children are started. */
  StartMethod startMethod();
}
