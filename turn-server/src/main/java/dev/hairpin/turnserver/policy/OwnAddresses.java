package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// What belongs to this machine: its addresses, and the ports that this process listens on.
///
/// @param ips every address of its interfaces, and those that a NAT maps to it
/// @param broadcasts what reaches every machine of a subnet that it is in
/// @param listeners where this process listens; an unspecified address stands for all. More are
///   added as they are bound
public record OwnAddresses(
    Set<IpAddress> ips, Set<IpAddress> broadcasts, List<TransportAddress> listeners) {
  public OwnAddresses {
    ips = Set.copyOf(ips);
    broadcasts = Set.copyOf(broadcasts);
    listeners = new CopyOnWriteArrayList<>(listeners);
  }

  /// All of loopback is this machine, whatever its interface lists.
  boolean contains(IpAddress ip) {
    return ip.isLoopback() || ips.contains(ip);
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
