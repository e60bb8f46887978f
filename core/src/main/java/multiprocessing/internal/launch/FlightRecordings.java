package multiprocessing.internal.launch;

import java.lang.reflect.Method;
import java.util.List;

/**
 * Whether the flight recorder (JFR) is recording. By reflection, since its module need not be
 * there; then nobody records.
 */
final class FlightRecordings {
  private static final String RUNNING = "RUNNING";

  private FlightRecordings() {}

  static boolean isOneRunning() {
    try {
      Class<?> recorder = Class.forName("jdk.jfr.FlightRecorder");
      if (!Boolean.TRUE.equals(recorder.getMethod("isInitialized").invoke(null))) {
        return false;
      }
      Object instance = recorder.getMethod("getFlightRecorder").invoke(null);
      Method state = Class.forName("jdk.jfr.Recording").getMethod("getState");
      for (Object each : (List<?>) recorder.getMethod("getRecordings").invoke(instance)) {
        if (RUNNING.equals(String.valueOf(state.invoke(each)))) {
          return true;
        }
      }
      return false;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
