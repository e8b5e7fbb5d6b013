package dev.hairpin.turnserver.allocation;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;

/// What identifies a client's allocation (RFC 8656 §5).
public record FiveTuple(Transport transport, TransportAddress client, TransportAddress server) {
  /// Whether DONT-FRAGMENT counts for a peer. Where datagrams are translated from or to IPv6, it is
  /// ignored (RFC 8656 §13); what comes in a stream is not translated.
  public boolean heedsDontFragment(long peerHigh, long peerLow) {
    return !transport.isDatagram() || (client.ip().isIpv4() && IpAddress.isIpv4(peerHigh, peerLow));
  }

  /// What a 5-tuple leads to: an allocation, or the way to one that another loop keeps.
  public interface Holder {}
}
