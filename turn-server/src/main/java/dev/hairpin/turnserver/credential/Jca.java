package dev.hairpin.turnserver.credential;

import java.util.concurrent.Callable;

/// Steps of Java's cryptography that fail where this Java lacks an algorithm, and nowhere else.
public final class Jca {
  private Jca() {}

  public static <T> T get(Callable<T> step) {
    try {
      return step.call();
    } catch (Exception e) {
      throw new IllegalStateException("this Java lacks an algorithm", e);
    }
  }
}
