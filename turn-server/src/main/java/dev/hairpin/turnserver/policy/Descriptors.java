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
  private final AtomicInteger relays = new AtomicInteger();
  private final AtomicInteger clients = new AtomicInteger();

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

  public boolean takeRelay() {
    return take(relays);
  }

  public boolean takeClient() {
    return take(clients);
  }

  private boolean take(AtomicInteger use) {
    if (use.incrementAndGet() <= share() && relays.get() + clients.get() <= max) {
      return true;
    }
    use.decrementAndGet();
    return false;
  }

  public void giveBackRelay() {
    relays.decrementAndGet();
  }

  public void giveBackClient() {
    clients.decrementAndGet();
  }

  /// For relayed addresses, reserved ports and connections with peers.
  public int relays() {
    return relays.get();
  }

  /// For connections of clients.
  public int clients() {
    return clients.get();
  }
}
