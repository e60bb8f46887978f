package multiprocessing.manager;

/**
 * An object of a server that is known to it: a message that holds it to a client holds a reference
 * instead.
 */
interface Served {
  /** The interface that clients see. */
  Class<?> face();

  /** A client is gone; what it has of this object is to be given back. */
  default void clientGone(Caller.Client client) {}
}
