/**
 * Python's {@code multiprocessing} for the JVM: processes where Java has threads, with queues,
 * locks and pools between them.
 */
module multiprocessing {
  requires java.logging;
  requires java.management;
  requires jdk.jfr;
  requires jdk.unsupported; // what Fory needs, and does not say
  requires org.apache.fory.core;
  requires static me.tongfei.progressbar; // for those who use ProgressBars
  requires static org.jspecify;

  exports multiprocessing;
  exports multiprocessing.call;
  exports multiprocessing.connection;
  exports multiprocessing.error;
  exports multiprocessing.logging;
  exports multiprocessing.manager;
  exports multiprocessing.memory;
  exports multiprocessing.pool;
  exports multiprocessing.process;
  exports multiprocessing.queue;
  exports multiprocessing.spi;
  exports multiprocessing.sync;

  uses multiprocessing.spi.Serializer;
}
