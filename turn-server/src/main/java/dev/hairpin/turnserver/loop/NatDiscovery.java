package dev.hairpin.turnserver.loop;

import static dev.hairpin.turnserver.net.Checks.require;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.util.List;

/// Two addresses and two ports from which Binding requests over UDP are answered as clients wish,
/// so that they find out how their NAT behaves (RFC 5780).
///
/// @param primary one of the UDP listeners
/// @param other differs from it in address and in port; the server listens there, and where each
///   address meets the other's port
/// @param primaryTold what clients are told as the primary's address: its own, or a NAT's
/// @param otherTold what clients are told as the other's
public record NatDiscovery(
    TransportAddress primary, TransportAddress other, IpAddress primaryTold, IpAddress otherTold) {
  public NatDiscovery {
    boolean samePort = primary.port() == other.port() && other.port() != 0;
    boolean differ = !primary.ip().equals(other.ip()) && !samePort;
    require(differ, "both address and port of the other one must differ");
    boolean areSpecific = !primary.ip().isUnspecified() && !other.ip().isUnspecified();
    require(areSpecific, "both addresses must be specific ones");
    require(!primaryTold.equals(otherTold), "clients must be told two addresses");
    for (var ip : List.of(other.ip(), primaryTold, otherTold)) {
      require(ip.family() == primary.ip().family(), "all addresses must be of one family");
    }
  }

  /// The same with the ports that the system chose.
  public NatDiscovery withPorts(int primaryPort, int otherPort) {
    return new NatDiscovery(
        new TransportAddress(primary.ip(), primaryPort),
        new TransportAddress(other.ip(), otherPort),
        primaryTold,
        otherTold);
  }

  /// One of the four.
  ///
  /// @param at the primary is 0; 1 more is for the other's port, 2 more for the other's address
  public TransportAddress local(int at) {
    return new TransportAddress((at < 2 ? primary : other).ip(), portOf(at));
  }

  /// As clients are told it.
  TransportAddress told(int at) {
    return new TransportAddress(at < 2 ? primaryTold : otherTold, portOf(at));
  }

  private int portOf(int at) {
    return (at % 2 == 0 ? primary : other).port();
  }
}
