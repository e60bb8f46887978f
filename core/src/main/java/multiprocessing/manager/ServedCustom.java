package multiprocessing.manager;

import java.io.Serial;
import java.io.Serializable;

/** An object of the user's in the server, known to clients by an interface. */
final class ServedCustom implements Served, Serializable {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Object object;
  private final transient Class<?> face;

  ServedCustom(Object object, Class<?> face) {
    this.object = object;
    this.face = face;
  }

  Object object() {
    return object;
  }

  @Override
  public Class<?> face() {
    return face;
  }

  @Serial
  private Object writeReplace() {
    return Reference.of(this);
  }

  @Override
  public String toString() {
    return object.toString();
  }

  @Override
  public int hashCode() {
    return object.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other == this || (other instanceof ServedCustom that && object.equals(that.object));
  }
}
