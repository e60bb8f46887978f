package multiprocessing.manager;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import multiprocessing.connection.Listener;
import multiprocessing.internal.session.Session;
import multiprocessing.process.SerializableRunnable;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/** What the server process of a manager runs. */
final class ServerTask implements SerializableRunnable {
  private static final long serialVersionUID = 1L;

  private final Listener listener;
  private final HashMap<Class<?>, Supplier<?>> types;
  private final @Nullable SerializableRunnable initializer;
  private final StartMethod method;

  ServerTask(
      Listener listener,
      Map<Class<?>, Supplier<?>> types,
      @Nullable SerializableRunnable initializer,
      StartMethod method) {
    this.listener = listener;
    this.types = new HashMap<>(types);
    this.initializer = initializer;
    this.method = method;
  }

  @Override
  public void runChecked() throws Exception {
    try (listener) {
      Session.get().permitChildren(); // a daemon, whose pools end with it
      if (initializer != null) {
        initializer.runChecked();
      }
      Server server = new Server(listener, false, null, method);
      types.forEach(server::register);
      server.serve();
    }
  }
}
