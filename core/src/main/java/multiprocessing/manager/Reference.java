package multiprocessing.manager;

import java.io.InvalidObjectException;
import java.io.Serial;
import java.io.Serializable;
import multiprocessing.connection.Address;
import org.jspecify.annotations.Nullable;

/**
 * What stands for an object of a server in a message.
 *
 * <p>In the server it becomes the object again; elsewhere an object that calls it there.
 */
final class Reference implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final String server;
  private final @Nullable Address address;
  private final boolean outside;
  private final long id;
  private final Class<?> face;

  /**
   * A reference.
   *
   * @param server the server's own number
   * @param address where the one who sends it reaches the server; null if the server sends it, to a
   *     client that knows
   * @param outside whether its clients are of other trees
   * @param id the number of the object
   * @param face the interface that clients see
   */
  Reference(String server, @Nullable Address address, boolean outside, long id, Class<?> face) {
    this.server = server;
    this.address = address;
    this.outside = outside;
    this.id = id;
    this.face = face;
  }

  /** For an object of the server that the current thread works for, to its client. */
  static Reference of(Served object) {
    Caller.Client client = Caller.current().client();
    return client.server().export(object, client);
  }

  @Serial
  private Object readResolve() throws InvalidObjectException {
    Caller caller = Caller.orNull();
    if (caller != null && caller.client().server().id().equals(server)) {
      return caller.client().server().local(id);
    }
    if (address != null) {
      return Link.to(address, outside).adopt(id, face);
    }
    return Link.current().received(id, face);
  }
}
