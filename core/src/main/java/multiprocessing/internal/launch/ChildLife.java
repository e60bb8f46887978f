package multiprocessing.internal.launch;

import java.util.TimeZone;
import multiprocessing.internal.jvm.AotCache;
import multiprocessing.internal.session.ExitOrder;
import multiprocessing.internal.session.Session;
import multiprocessing.internal.wire.FrameSocket;

/** What a process does as soon as it knows what child it is, however it came into being. */
final class ChildLife {
  /** What a child says when it is about to run its task. */
  static final byte[] UP = {};

  /** The same, from one whose virtual machine has not used the AOT cache that it was given. */
  static final byte[] AOT_MISSED = {1};

  private static final String TIME_ZONE = "user.timezone";

  private ChildLife() {}

  /** Makes this process the child, and says so to the parent. */
  static void begin(Preparation preparation, FrameSocket control) {
    Session session = Session.become(preparation.birth(), preparation.authKey());
    session.setStartMethod(preparation.startMethod());
    Locales.apply(preparation.locales());
    ExitOrder.install();
    preparation.receiveLuggage(control);
    boolean aotMissed = preparation.checksAot() && !AotCache.isInUse();
    control.send(aotMissed ? AOT_MISSED : UP);
  }

  /** The parent's may have changed since this process came up. */
  static void setTimeZone(String zone) {
    if (!zone.equals(System.getProperty(TIME_ZONE))) {
      System.setProperty(TIME_ZONE, zone);
      TimeZone.setDefault(TimeZone.getTimeZone(zone));
    }
  }
}
