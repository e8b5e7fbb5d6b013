package dev.hairpin.deploy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signals of the system, by the class that every JDK has for them in `jdk.unsupported`. It is
/// called by reflection: the compiler warns of it in a way that cannot be answered.
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /// Runs a task on a thread of its own at each signal of this name.
  static void on(String name, Runnable task) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (_, _, _) -> {
                task.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (InvocationTargetException e) {
      LOG.info("this system has no signal {} to give", name);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java knows no signals", e);
    }
  }
}
