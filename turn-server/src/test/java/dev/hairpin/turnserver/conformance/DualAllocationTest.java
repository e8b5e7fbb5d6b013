package dev.hairpin.turnserver.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.EchoPeer;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One allocation with a relayed address of each family, over the wire.
class DualAllocationTest {
  private static final int CHANNEL4 = 0x4004;
  private static final int CHANNEL6 = 0x4006;
  private static final Bytes HELLO = Bytes.utf8("hello");

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void peersOfBothFamiliesAreReachedByIndicationsAndChannels(UdpMode mode) {
    try (var server = server(mode);
        var client = Venue.alice(server);
        var ipv4 = EchoPeer.at(Venue.IPV4);
        var ipv6 = EchoPeer.at(Venue.IPV6)) {
      var _ = client.allocateDual();
      for (var peer : List.of(ipv4.address(), ipv6.address())) {
        client.permit(peer);
        client.send(peer, HELLO);
        assertEquals(new Delivery.Indication(peer, HELLO), client.receive());
      }
      client.bind(CHANNEL4, ipv4.address());
      client.bind(CHANNEL6, ipv6.address());
      for (int channel : new int[] {CHANNEL6, CHANNEL4}) {
        client.sendOnChannel(channel, HELLO);
        assertEquals(new Delivery.OnChannel(channel, HELLO), client.receive());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void whenOneFamilyIsReleasedItsPortIsFreeAndTheOtherGoesOn(UdpMode mode) {
    try (var server = server(mode);
        var client = Venue.alice(server);
        var ipv4 = EchoPeer.at(Venue.IPV4);
        var ipv6 = EchoPeer.at(Venue.IPV6)) {
      var dual = client.allocateDual();
      client.bind(CHANNEL4, ipv4.address());
      client.bind(CHANNEL6, ipv6.address());
      release(client, 2);
      awaitFree(dual.relayedIpv6());
      client.sendOnChannel(CHANNEL6, HELLO);
      client.send(ipv6.address(), HELLO);
      assertEquals(443, codeOf(client, ipv6.address()));
      client.sendOnChannel(CHANNEL4, HELLO);
      assertEquals(new Delivery.OnChannel(CHANNEL4, HELLO), client.receive());
      assertEquals(1, server.telemetry().get(DropReason.CHANNEL_UNBOUND));
      assertEquals(1, server.telemetry().get(DropReason.NO_PERMISSION_FOR_PEER));
      release(client, 1);
      awaitFree(dual.relayedIpv4());
      assertEquals(437, codeOf(client, ipv4.address()));
      assertEquals(0, server.telemetry().liveAllocations());
    }
  }

  private static void release(TestTurnClient client, int family) {
    var answer = client.call(Methods.REFRESH, m -> m.lifetime(0).requestedFamily(family));
    assertEquals(true, answer.isSuccess(), answer::toString);
  }

  /// Java lets go of an address when its selector looks next.
  private static void awaitFree(InetSocketAddress address) {
    Await.until(
        Duration.ofSeconds(5),
        () -> {
          try (var _ = new DatagramSocket(address)) {
            return true;
          } catch (SocketException _) {
            return false;
          }
        },
        () -> address + " is free");
  }

  private static int codeOf(TestTurnClient client, InetSocketAddress peer) {
    return client.call(Methods.CREATE_PERMISSION, m -> m.peer(peer)).errorCode();
  }

  private static TurnServer server(UdpMode mode) {
    var addresses = List.of(IpAddress.of(Venue.IPV4), IpAddress.of(Venue.IPV6));
    var relay = new RelaySettings(addresses, List.of(), PortRange.DYNAMIC);
    return TurnServer.start(
        Venue.settings(Venue.IPV4)
            .but(d -> d.relay = relay)
            .but(d -> d.udp = mode)
            .but(d -> d.loops = 1));
  }
}
