package dev.hairpin.turnserver.testkit;

import io.netty.util.ResourceLeakDetector;

/// Netty's leak detector, for a build that fails on a leak: whatever test made it, the test process
/// ends at once, behind the record of where the buffer was last seen.
public final class LeakAlarm<T> extends ResourceLeakDetector<T> {
  private static final int EXIT_CODE = 70;

  /// Called by Netty, which is told of this class by a system property.
  public LeakAlarm(Class<?> resource, int samplingInterval) {
    super(resource, samplingInterval);
  }

  @Override
  protected boolean needReport() {
    return true;
  }

  @Override
  protected void reportTracedLeak(String resourceType, String records) {
    alarm(resourceType + records);
  }

  @Override
  protected void reportUntracedLeak(String resourceType) {
    alarm(resourceType);
  }

  private static void alarm(String leak) {
    System.err.println("LEAK: " + leak);
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
