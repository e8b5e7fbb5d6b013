package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Two addresses and two ports from which Binding requests over UDP are answered as clients wish,
/// so that they find out how their NAT behaves (RFC 5780).
///
/// @param primary one of the UDP listeners
/// @param other differs from it in address and in port; the server listens there, and where each
///   address meets the other's port
/// @param primaryExternal what clients are told instead of the primary's address, or null
/// @param otherExternal what clients are told instead of the other's address, or null
public record NatDiscovery(
    TransportAddress primary,
    TransportAddress other,
    @Nullable IpAddress primaryExternal,
    @Nullable IpAddress otherExternal) {
  public NatDiscovery {
    boolean samePort = primary.port() == other.port() && other.port() != 0;
    if (primary.ip().equals(other.ip()) || samePort) {
      throw new IllegalArgumentException("both address and port of the other one must differ");
    }
    if (primary.ip().isUnspecified() || other.ip().isUnspecified()) {
      throw new IllegalArgumentException("both addresses must be specific ones");
    }
    var told = List.of(told(primary.ip(), primaryExternal), told(other.ip(), otherExternal));
    if (told.getFirst().equals(told.getLast())) {
      throw new IllegalArgumentException("clients must be told two addresses");
    }
    for (var ip : List.of(other.ip(), told.getFirst(), told.getLast())) {
      if (ip.family() != primary.ip().family()) {
        throw new IllegalArgumentException("all addresses must be of one family");
      }
    }
  }

  public static NatDiscovery of(TransportAddress primary, TransportAddress other) {
    return new NatDiscovery(primary, other, null, null);
  }

  /// The same with the ports that the system chose.
  public NatDiscovery withPorts(int primaryPort, int otherPort) {
    return new NatDiscovery(
        new TransportAddress(primary.ip(), primaryPort),
        new TransportAddress(other.ip(), otherPort),
        primaryExternal,
        otherExternal);
  }

  /// The addresses as clients are told them.
  public List<IpAddress> told() {
    return List.of(told(primary.ip(), primaryExternal), told(other.ip(), otherExternal));
  }

  private static IpAddress told(IpAddress local, @Nullable IpAddress external) {
    return external == null ? local : external;
  }

  /// One of the four.
  ///
  /// @param ip 0 for the primary's, 1 for the other's
  /// @param port likewise
  public TransportAddress local(int ip, int port) {
    return new TransportAddress((ip == 0 ? primary : other).ip(), portOf(port));
  }

  TransportAddress told(int ip, int port) {
    return new TransportAddress(told().get(ip), portOf(port));
  }

  private int portOf(int port) {
    return (port == 0 ? primary : other).port();
  }
}
