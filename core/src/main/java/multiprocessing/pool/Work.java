package multiprocessing.pool;

/** What waits for workers: a task, or a job that is handed out in many. */
interface Work {
  TaskOptions options();

  /** The pool ends, and this will not be done. */
  void fail(Throwable reason);
}
