package dev.hairpin.turnserver.net;

import java.security.Key;
import java.util.concurrent.Callable;
import javax.crypto.Mac;

/// Steps of Java's cryptography that fail where this Java lacks an algorithm, and nowhere else.
public final class Jca {
  private Jca() {}

  /// A MAC under a key of its own algorithm, ready for a message.
  public static Mac keyed(Mac mac, Key key) {
    return get(
        () -> {
          mac.init(key);
          return mac;
        });
  }

  public static <T> T get(Callable<T> step) {
    try {
      return step.call();
    } catch (Exception e) {
      throw new IllegalStateException("this Java lacks an algorithm", e);
    }
  }
}
