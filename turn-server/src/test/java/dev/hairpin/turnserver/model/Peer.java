package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.testkit.Bytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Whom a client names as its peer.
sealed interface Peer {
  /// Somebody outside, or somebody whom nobody may reach.
  @SuppressWarnings("ImmutableEnumChecker") // addresses do not change
  enum Site implements Peer {
    NEAR("9.9.9.9", 1000, true),
    NEAR_OTHER_PORT("9.9.9.9", 2000, true),
    FAR("8.8.4.4", 1000, true),
    NEAR_MAPPED("9.9.9.9", 1000, true),
    IPV6("2606:4700::1", 1000, true),
    OPENED("192.168.5.5", 1000, true),
    CLOSED_AGAIN("192.168.66.6", 1000, false),
    PRIVATE("10.0.0.1", 1000, false),
    PRIVATE_MAPPED("10.0.0.1", 1000, false),
    METADATA("169.254.169.254", 80, false),
    LOOPBACK("127.0.0.1", 5000, false),
    LOOPBACK_IPV6("::1", 5000, false),
    LISTENER("127.66.0.1", World.LISTENER_PORT, false);

    final InetSocketAddress address;
    final boolean allowed;

    Site(String ip, int port, boolean allowed) {
      this.address = new InetSocketAddress(InetAddress.ofLiteral(ip), port);
      this.allowed = allowed;
    }

    /// As it stands in XOR-PEER-ADDRESS.
    Bytes bytes() {
      var ip = Bytes.of(address.getAddress().getAddress());
      return name().endsWith("MAPPED") ? Bytes.hex("00000000000000000000ffff").plus(ip) : ip;
    }
  }

  /// The relayed address of the allocation that a client has, or had, or a dead one.
  record Relayed(int client, boolean ipv6) implements Peer {}
}
