package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// What belongs to this machine: its addresses, and the ports that this process listens on.
public final class OwnAddresses {
  private final Set<IpAddress> ips;
  private final Set<IpAddress> broadcasts;
  private final List<TransportAddress> listeners;

  /// Listeners are known one after the other, as they are bound.
  ///
  /// @param ips every address of its interfaces, and those that a NAT maps to it
  /// @param broadcasts what reaches every machine of a subnet that it is in
  /// @param listeners where this process listens; an unspecified address stands for all
  public OwnAddresses(
      Set<IpAddress> ips, Set<IpAddress> broadcasts, Collection<TransportAddress> listeners) {
    this.ips = Set.copyOf(ips);
    this.broadcasts = Set.copyOf(broadcasts);
    this.listeners = new CopyOnWriteArrayList<>(listeners);
  }

  public void addListener(TransportAddress listener) {
    listeners.add(listener);
  }

  /// All of loopback is this machine, whatever its interface lists.
  boolean contains(IpAddress ip) {
    return ip.isLoopback() || ips.contains(ip);
  }

  boolean isBroadcast(IpAddress ip) {
    return broadcasts.contains(ip);
  }

  boolean isListener(IpAddress ip, int port) {
    for (int i = 0; i < listeners.size(); i++) { // no iterator: asked of packets
      var listener = listeners.get(i);
      boolean here = listener.ip().isUnspecified() ? contains(ip) : listener.ip().equals(ip);
      if (here && listener.port() == port) {
        return true;
      }
    }
    return false;
  }
}
