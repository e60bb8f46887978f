package multiprocessing.manager;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import multiprocessing.connection.Connection;
import multiprocessing.connection.Listener;
import multiprocessing.connection.Pipe;
import multiprocessing.internal.serial.Codec;
import multiprocessing.process.StartMethod;
import org.jspecify.annotations.Nullable;

/** Keeps objects, and calls them for clients. */
final class Server {
  /*
   * Each connection has a thread, and serves one call at a time; a client opens as many as it has
   * calls at a time. Who calls is told with each call, so that a lock belongs to a thread of a client,
   * whatever thread of this process takes it for that.
   *
   * A client has one connection more, on which it says who it is, and what it has no use for any
   * more. It ends when the client does, however that ends, and then what the client had is given
   * back: its references, its locks and permits, and the calls that wait for it, which are
   * interrupted (see Worker).
   *
   * An object lives as long as a client has a reference to it, or another object of the server holds
   * it. References are counted for each client: one for each time that a message to it held one, which
   * the client counts, too, and gives back as a number when it has no object for it any more. So a
   * reference that is on its way while the last one is given back is not lost.
   */
  private static final int MOST_CONNECTIONS = 4000;

  private final String id = UUID.randomUUID().toString();
  private final Listener listener;
  private final Codec codec;
  private final boolean outside;
  private final StartMethod method;
  private final Map<Class<?>, Supplier<?>> types = new ConcurrentHashMap<>();
  private final Map<Class<?>, Map<String, Method>> methods = new ConcurrentHashMap<>();
  private final Map<Long, Entry> objects = new HashMap<>();
  private final IdentityHashMap<Served, Long> numbers = new IdentityHashMap<>();
  private final Map<String, Caller.Client> clients = new HashMap<>();
  private final Set<Worker> workers = ConcurrentHashMap.newKeySet();
  private final Set<Served> holdable = Collections.newSetFromMap(new WeakHashMap<>());
  private long lastNumber;
  private volatile boolean ending;

  /** An object that clients have references to, and how many each has. */
  private record Entry(Served object, Map<Caller.Client, Long> references) {}

  /**
   * A server that does not serve yet.
   *
   * @param outside whether its clients are of other trees
   * @param filter which classes it accepts from there; null for all
   * @param method how processes of pools are started
   */
  Server(Listener listener, boolean outside, @Nullable String filter, StartMethod method) {
    this.listener = listener;
    this.outside = outside;
    this.method = method;
    this.codec = outside ? Codec.outside(filter) : Codec.shared();
  }

  String id() {
    return id;
  }

  /** Whether its clients may do as they like with it. */
  boolean trustsClients() {
    return !outside;
  }

  StartMethod method() {
    return method;
  }

  Codec codec() {
    return codec;
  }

  void register(Class<?> type, Supplier<?> factory) {
    if (!type.isInterface()) {
      throw new IllegalArgumentException(
          type.getName() + " is no interface; clients call objects by interfaces only");
    }
    types.put(type, factory);
  }

  /** Serves until it is told to end. */
  void serve() {
    try {
      while (!ending) {
        accept();
      }
    } finally {
      end();
    }
  }

  private void accept() {
    try {
      Listener.Incoming incoming = listener.next();
      if (workers.size() >= MOST_CONNECTIONS) {
        incoming.close();
        return;
      }
      serve(new Worker(this, incoming::admit, incoming::close));
    } catch (IOException e) {
      if (listener.isClosed()) {
        ending = true;
      }
    } catch (InterruptedException e) {
      ending = true;
    }
  }

  private void serve(Worker worker) {
    workers.add(worker);
    worker.start();
  }

  /** Connects the process of this server to it, which needs no address and no proof for that. */
  Connection connect() throws IOException {
    if (ending) {
      throw new IOException("the server has ended");
    }
    Pipe pipe = Pipe.open();
    serve(new Worker(this, pipe::first, pipe.first()::close));
    if (ending) {
      pipe.close();
    }
    return pipe.second();
  }

  /** Ends all connections, and the calls that wait. */
  void end() {
    ending = true;
    listener.close();
    workers.forEach(Worker::close);
  }

  void ended(Worker worker) {
    workers.remove(worker);
  }

  /** Who says hello; a client is known from its first connection on. */
  synchronized Caller.Client hello(String name, long pid, boolean isLife) {
    Caller.Client client = clients.get(name);
    if (isLife) {
      if (client != null) {
        throw new IllegalStateException("there is such a client already");
      }
      client = new Caller.Client(this, name, pid);
      clients.put(name, client);
    } else if (client == null) {
      throw new IllegalStateException("there is no such client");
    }
    return client;
  }

  /** A client has ended, or has no use for the server any more. */
  void goodbye(Caller.Client client) {
    client.go();
    List<Served> all;
    synchronized (this) {
      clients.remove(client.id());
      for (Long number : List.copyOf(objects.keySet())) {
        release(client, number, Long.MAX_VALUE);
      }
      all = new ArrayList<>(holdable);
    }
    for (Worker worker : workers) {
      if (worker.isOf(client)) {
        worker.close();
      }
    }
    all.forEach(each -> each.clientGone(client));
  }

  /** A client does not wait for a call any more. */
  void cancel(Caller.Client client, long channel, long call) {
    for (Worker worker : workers) {
      if (worker.isOf(client, channel)) {
        worker.cancel(call);
      }
    }
  }

  /** Makes a reference to an object, for a client, and counts it. */
  synchronized Reference export(Served object, Caller.Client client) {
    long number = numbers.computeIfAbsent(object, _ -> ++lastNumber);
    objects.computeIfAbsent(number, _ -> new Entry(object, new HashMap<>()));
    retain(client, number);
    return new Reference(id, null, outside, number, object.face());
  }

  synchronized void retain(Caller.Client client, long number) {
    Entry entry = entry(number);
    if (!client.isGone()) {
      entry.references.merge(client, 1L, Long::sum);
    }
  }

  synchronized void release(Caller.Client client, long number, long count) {
    Entry entry = objects.get(number);
    if (entry == null) {
      return;
    }
    entry.references.computeIfPresent(client, (_, had) -> had > count ? had - count : null);
    if (entry.references.isEmpty()) {
      objects.remove(number);
      numbers.remove(entry.object);
    }
  }

  synchronized int count() {
    return objects.size();
  }

  synchronized Served local(long number) {
    return entry(number).object;
  }

  private Entry entry(long number) {
    Entry entry = objects.get(number);
    if (entry == null) {
      throw new NoSuchElementException(
          "an object of the manager is gone: no process had a reference to it any more; keep one in"
              + " the process that made it");
    }
    return entry;
  }

  /** Makes an object of one of the manager's own kinds, or of a registered type. */
  Served create(String type, @Nullable Object[] arguments) {
    Served made = Kinds.create(type, arguments);
    if (made == null) {
      Class<?> face =
          types.keySet().stream()
              .filter(each -> each.getName().equals(type))
              .findFirst()
              .orElseThrow(() -> new NoSuchElementException("the manager knows no type " + type));
      Supplier<?> factory = types.get(face);
      Object object = factory == null ? null : factory.get();
      if (!face.isInstance(object)) {
        throw new IllegalStateException("the factory of " + type + " made " + object);
      }
      made = new ServedCustom(object, face);
    }
    return held(made);
  }

  private synchronized Served held(Served made) {
    if (made instanceof ServedLock || made instanceof ServedSemaphore) {
      holdable.add(made);
    }
    return made;
  }

  /** Calls a method of an object. */
  @Nullable Object call(Served object, String key, @Nullable Object[] arguments) throws Throwable {
    Method method = methods.computeIfAbsent(object.face(), Server::methodsOf).get(key);
    if (method == null) {
      throw new NoSuchMethodException(object.face().getName() + " has no method " + key);
    }
    Object target = object instanceof ServedCustom custom ? custom.object() : object;
    Class<?>[] types = method.getParameterTypes();
    for (int i = 0; i < Math.min(types.length, arguments.length); i++) {
      if (arguments[i] instanceof ServedCustom custom && !types[i].isInstance(custom)) {
        arguments[i] = custom.object();
      }
      arguments[i] = Contents.whole(types[i], arguments[i]);
    }
    try {
      Object result;
      if (Kinds.isGuarded(object)) {
        synchronized (object) { // as methods that the interface itself defines take several steps
          result = method.invoke(target, arguments);
        }
      } else {
        result = method.invoke(target, arguments);
      }
      return answer(method, result);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  /** Objects of a type that clients know by an interface stay here. */
  private @Nullable Object answer(Method method, @Nullable Object result) {
    Class<?> type = method.getReturnType();
    boolean isKnown = type.isInterface() && types.containsKey(type) && type.isInstance(result);
    if (result instanceof Served served) {
      return held(served);
    }
    return isKnown && result != null ? new ServedCustom(result, type) : result;
  }

  private static Map<String, Method> methodsOf(Class<?> face) {
    Map<String, Method> all = new HashMap<>();
    List<Method> found = new ArrayList<>(List.of(face.getMethods()));
    found.addAll(List.of(Object.class.getMethods()));
    for (Method method : found) {
      boolean isObjects = method.getDeclaringClass() == Object.class;
      if (isObjects && !Set.of("toString", "hashCode", "equals").contains(method.getName())) {
        continue;
      }
      if (!isObjects) {
        boolean _ = method.trySetAccessible();
      }
      all.putIfAbsent(Protocol.key(method), method);
    }
    return all;
  }

  /** Ends the server, from one of its connections. */
  void shutdown() {
    ending = true;
    listener.close();
  }
}
