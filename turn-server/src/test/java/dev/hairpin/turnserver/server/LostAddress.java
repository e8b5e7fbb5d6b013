package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.util.List;

/// The program that `LostAddressTest` runs, where its relay address goes and comes back.
final class LostAddress {
  private static final String SECRET = "a secret of this test";

  private LostAddress() {}

  public static void main(String[] arguments) throws Exception {
    for (var mode : List.of(UdpMode.NATIVE, UdpMode.PORTABLE)) {
      var relay =
          new RelaySettings(List.of(IpAddress.parse("10.9.9.9")), List.of(), PortRange.DYNAMIC);
      var settings =
          TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
              .but(d -> d.relay = relay)
              .but(d -> d.udp = mode)
              .but(d -> d.loops = 1);
      try (var server = TurnServer.start(settings)) {
        System.out.println(
            "E: " + mode + " " + asked(server, 1) + " " + asked(server, 2) + gone(server));
      }
    }
  }

  private static String gone(TurnServer server) throws Exception {
    ip("del");
    int gone = asked(server, 1);
    ip("add");
    return " " + gone + " " + asked(server, 1);
  }

  private static void ip(String what) throws Exception {
    int exit = new ProcessBuilder("ip", "addr", what, "10.9.9.9/32", "dev", "lo").start().waitFor();
    if (exit != 0) {
      throw new AssertionError("ip addr " + what + " fails");
    }
  }

  /// The error code that an Allocate for a family gets, or 0.
  private static int asked(TurnServer server, int family) {
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    try (var client = TestTurnClient.to(address).withSecret(SECRET).as("alice")) {
      var answer =
          client.call(Methods.ALLOCATE, m -> m.requestedTransport().requestedFamily(family));
      return answer.messageClass().name().contains("SUCCESS") ? 0 : answer.errorCode();
    }
  }
}
