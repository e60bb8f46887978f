package multiprocessing.manager;

import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import multiprocessing.error.SerializationException;
import multiprocessing.internal.session.Session;
import org.jspecify.annotations.Nullable;

/** What is behind an object that stands for one in a server: it has the server do each call. */
final class Remote implements InvocationHandler {
  private static final ClassValue<Map<Method, Signature>> SIGNATURES =
      new ClassValue<>() {
        @Override
        protected Map<Method, Signature> computeValue(Class<?> face) {
          return new ConcurrentHashMap<>();
        }
      };

  private final Class<?> face;
  private final long id;
  private final Object proxy;
  private final @Nullable View view;
  private Link link;
  private long process;

  /**
   * What is to be known of a method to call it.
   *
   * @param interruptible whether a call ends when its thread is interrupted
   */
  private record Signature(String key, boolean interruptible) {
    static Signature of(Method method) {
      return new Signature(
          Protocol.key(method),
          Arrays.stream(method.getExceptionTypes())
              .anyMatch(type -> type.isAssignableFrom(InterruptedException.class)));
    }
  }

  /** What makes the object travel as a reference. */
  public interface Travels extends Serializable {
    /** Returns the reference. */
    Object writeReplace();
  }

  Remote(Link link, long id, Class<?> face) {
    this.link = link;
    this.id = id;
    this.face = face;
    this.process = Session.home().pid();
    this.proxy = Proxy.newProxyInstance(loader(face), new Class<?>[] {face, Travels.class}, this);
    this.view = View.of(face, proxy);
  }

  /** One that knows both interfaces: that of the user's, or for one of the JDK's our own. */
  private static @Nullable ClassLoader loader(Class<?> face) {
    ClassLoader its = face.getClassLoader();
    try {
      if (Class.forName(Travels.class.getName(), false, its) == Travels.class) {
        return its;
      }
    } catch (ClassNotFoundException e) {
      // it does not know this library
    }
    return Remote.class.getClassLoader();
  }

  Object proxy() {
    return proxy;
  }

  /** The handler of an object that is a proxy of a manager; null of others. */
  static @Nullable Remote of(@Nullable Object object) {
    return object != null
            && Proxy.isProxyClass(object.getClass())
            && Proxy.getInvocationHandler(object) instanceof Remote remote
        ? remote
        : null;
  }

  Link link() {
    return link;
  }

  /** The link of this process; a fork of the one that had the object needs another one. */
  private synchronized Link currentLink() {
    if (process != Session.home().pid()) {
      Link own = Link.to(link.address(), link.isOutside());
      own.retain(id);
      link = own;
      process = Session.home().pid();
    }
    return link;
  }

  @Override
  public @Nullable Object invoke(Object self, Method method, @Nullable Object @Nullable [] given)
      throws Throwable {
    @Nullable Object[] arguments = given == null ? new @Nullable Object[0] : given;
    if (method.getDeclaringClass() == Travels.class) {
      return currentLink().reference(id, face);
    }
    if (method.getName().equals("equals") && arguments.length == 1) {
      return isEqual(arguments[0]);
    }
    if (proxy instanceof ManagedQueue<?> queue && method.getName().equals("drainTo")) {
      int most = arguments.length == 1 ? Integer.MAX_VALUE : (Integer) arguments[1];
      return drain(queue, Objects.requireNonNull(arguments[0]), most);
    }
    View local = view;
    if (local != null && local.does(method)) {
      return local(local, method, arguments);
    }
    Signature signature = SIGNATURES.get(face).computeIfAbsent(method, Signature::of);
    try {
      @Nullable Object[] sent = local == null ? arguments : Contents.flat(method, arguments);
      return currentLink().call(id, signature.key, signature.interruptible, sent);
    } catch (SerializationException e) {
      if (local != null && local.canDo(method, arguments)) {
        return local(local, method, arguments);
      }
      throw e;
    } finally {
      // until here the server is to keep the object
      java.lang.ref.Reference.reachabilityFence(this);
    }
  }

  /** Fills a collection of this process. */
  @SuppressWarnings("unchecked") // the caller's own collection
  private int drain(ManagedQueue<?> queue, Object target, int most) {
    if (isEqual(target)) {
      throw new IllegalArgumentException("a queue cannot be drained to itself");
    }
    Collection<?> taken = queue.takeAvailable(most);
    boolean _ = ((Collection<Object>) target).addAll(taken);
    return taken.size();
  }

  private static @Nullable Object local(View view, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(view.object(), arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private boolean isEqual(@Nullable Object other) {
    Remote that = of(other);
    if (that != null && that.id == id && that.link.address().equals(link.address())) {
      return true;
    }
    return view != null && other != null && view.isEqual(other);
  }

  @Override
  public String toString() {
    return face.getSimpleName() + " " + id + " at " + Objects.requireNonNull(link).address();
  }
}
