package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The program that `NarrowPathTest` runs: it says which datagrams reached the peer.
final class NarrowPath {
  private static final int SHORT = 1_400;
  private static final int LONG = 3_000;

  private NarrowPath() {}

  public static void main(String[] arguments) {
    for (var mode : List.of(UdpMode.NATIVE, UdpMode.PORTABLE)) {
      System.out.println(mode + ": " + arrived(mode));
    }
  }

  private static String arrived(UdpMode mode) {
    try (var server =
            TurnServer.start(
                Venue.settings(Venue.IPV4).but(d -> d.udp = mode).but(d -> d.loops = 1));
        var client = Venue.alice(server);
        var peer = Canary.at(Venue.IPV4)) {
      var _ = client.allocate();
      client.permit(peer.address());
      client.sendRaw(send(peer, SHORT).flag(Attributes.DONT_FRAGMENT).build());
      client.sendRaw(send(peer, LONG + 1).flag(Attributes.DONT_FRAGMENT).build());
      client.sendRaw(send(peer, LONG).build());
      var told = mode == UdpMode.NATIVE ? List.of(client.receive()) : client.deliveries();
      client.binding(); // by then all that was sent has been handled
      return Stream.concat(
              peer.received().stream().map(NarrowPath::text), told.stream().map(NarrowPath::text))
          .collect(Collectors.joining(", "));
    }
  }

  private static String text(Bytes datagram) {
    return datagram.length() + (datagram.length() == SHORT ? " DF" : "");
  }

  private static String text(Delivery delivery) {
    return delivery instanceof Delivery.Icmp icmp
        ? "ICMP %d/%d %d".formatted(icmp.type(), icmp.code(), icmp.data())
        : delivery.toString();
  }

  private static MessageBuilder send(Canary peer, int length) {
    return MessageBuilder.indication(Methods.SEND).peer(peer.address()).data(Bytes.random(length));
  }
}
