package dev.hairpin.turnserver.policy;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// The file descriptors that the loops may open, for clients' connections and for relaying: refused
/// here, none is missing where the process would come to harm. Neither use can take more than nine
/// tenths, and so starve the other.
public final class Descriptors {
  /// What is left to the rest of the process: the API, files, what is open for a moment.
  private static final int RESERVE = 64;

  private final int max;

  /// For relayed addresses, reserved ports and connections with peers.
  public final Use relays = new Use();

  /// For connections of clients.
  public final Use clients = new Use();

  public Descriptors(int max) {
    this.max = max;
  }

  /// What the system allows this process, less what is open already.
  ///
  /// @param toCome what the server itself is about to open
  public static Descriptors ofProcess(int toCome) {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) {
      return new Descriptors(Integer.MAX_VALUE);
    }
    long limit = unix.getMaxFileDescriptorCount();
    long reserve = Math.max(RESERVE, limit / 10) + unix.getOpenFileDescriptorCount() + toCome;
    return new Descriptors(Math.clamp(limit - reserve, 0, Integer.MAX_VALUE));
  }

  public int max() {
    return max;
  }

  /// The most that one use gets.
  public int share() {
    return (int) (max * 9L / 10);
  }

  /// What they are open for.
  public final class Use {
    private final AtomicInteger open = new AtomicInteger();

    public boolean take() {
      if (open.incrementAndGet() <= share() && relays.open() + clients.open() <= max) {
        return true;
      }
      giveBack();
      return false;
    }

    public void giveBack() {
      open.decrementAndGet();
    }

    public int open() {
      return open.get();
    }
  }
}
