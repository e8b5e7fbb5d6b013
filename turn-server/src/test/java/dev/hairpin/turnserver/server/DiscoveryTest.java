package dev.hairpin.turnserver.server;

import static dev.hairpin.turnserver.testkit.DiscoveryClient.Change.IP;
import static dev.hairpin.turnserver.testkit.DiscoveryClient.Change.PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.DiscoveryClient;
import dev.hairpin.turnserver.testkit.DiscoveryClient.Answer;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Binding requests are answered from another address, or to another port, where the operator has
/// asked for it (RFC 5780), and no one is hurt by that.
class DiscoveryTest {
  private static final String SECRET = "a secret of this test";
  private static final InetAddress FIRST = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress SECOND = InetAddress.ofLiteral("127.0.0.2");
  private static final TransportAddress PRIMARY = at("127.0.0.1");
  private static final TransportAddress OTHER = at("127.0.0.2");

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void answersComeFromTheAddressThatIsAskedForWhicheverIsAsked(UdpMode mode) {
    try (var server = start(mode);
        var client = DiscoveryClient.at(FIRST)) {
      var primary = primary(server);
      var other = client.ask(primary).other();
      assertEquals(SECOND, other.getAddress());
      assertNotEquals(primary.getPort(), other.getPort());
      var corners =
          List.of(
              primary,
              new InetSocketAddress(FIRST, other.getPort()),
              new InetSocketAddress(SECOND, primary.getPort()),
              other);
      for (int asked = 0; asked < 4; asked++) {
        var server4 = corners.get(asked);
        var opposite = corners.get(3 - asked);
        check(client, client.ask(server4), server4, opposite);
        check(client, client.ask(server4, PORT), corners.get(asked ^ 1), opposite);
        check(client, client.ask(server4, IP), corners.get(asked ^ 2), opposite);
        check(client, client.ask(server4, IP, PORT), opposite, opposite);
      }
    }
  }

  private static void check(
      DiscoveryClient client, Answer answer, InetSocketAddress source, InetSocketAddress other) {
    assertEquals(source, answer.source());
    assertEquals(source, answer.origin());
    assertEquals(other, answer.other());
    assertEquals(client.localAddress(), answer.mapped());
    assertEquals(client.localAddress(), answer.message().plainAddress(Attributes.MAPPED_ADDRESS));
  }

  @Test
  void behindANatClientsAreToldTheExternalAddresses() {
    var discovery =
        new NatDiscovery(
            PRIMARY, OTHER, IpAddress.parse("198.41.0.4"), IpAddress.parse("198.41.0.5"));
    try (var server = TurnServer.start(settings(UdpMode.AUTO, discovery));
        var client = DiscoveryClient.at(FIRST)) {
      var answer = client.ask(primary(server), PORT);
      assertEquals("198.41.0.4", answer.origin().getAddress().getHostAddress());
      assertEquals("198.41.0.5", answer.other().getAddress().getHostAddress());
    }
  }

  @Test
  void withoutDiscoveryAndOverTcpAChangeIsNotUnderstood() {
    var tcp = ListenUrl.parse("tcp://127.0.0.1:0");
    var settings = settings(UdpMode.AUTO, Services.discovery(PRIMARY, OTHER));
    var both = List.of(settings.listeners().getFirst(), tcp);
    try (var server = TurnServer.start(settings.but(d -> d.listeners = both));
        var plain = TurnServer.start(TurnSettings.of(SharedSecrets.of(SECRET), udp()))) {
      var address = server.listenAddresses().getLast().toInetSocketAddress();
      for (var wire :
          List.of(TestTurnClient.over(StreamWire.to(address)), TestTurnClient.to(primary(plain)))) {
        try (wire) {
          var refused = wire.exchange(change(6).build());
          assertEquals(420, refused.errorCode());
          assertEquals(Bytes.hex("0003"), refused.require(Attributes.UNKNOWN_ATTRIBUTES));
          var answer = wire.exchange(MessageBuilder.request(Methods.BINDING).build());
          assertEquals(List.of(Attributes.XOR_MAPPED_ADDRESS), types(answer));
        }
      }
    }
  }

  private static List<Integer> types(Message message) {
    return message.attributes().stream().map(Message.Attribute::type).toList();
  }

  @Test
  void anAnswerGoesToAnotherPortOfWhoeverAsks() {
    try (var server = start(UdpMode.AUTO);
        var client = DiscoveryClient.at(FIRST);
        var friend = Canary.at(FIRST)) {
      var request = responsePort(friend.address().getPort()).build();
      client.tell(primary(server), request);
      var answer = Message.decode(friend.next());
      assertEquals(Message.decode(request).transaction(), answer.transaction());
      assertEquals(client.localAddress(), answer.address(Attributes.XOR_MAPPED_ADDRESS));
    }
  }

  @Test
  void whatCouldHurtOthersIsRefused() {
    try (var server = start(UdpMode.AUTO);
        var client = DiscoveryClient.at(FIRST)) {
      var refused =
          Stream.of(
              responsePort(0),
              responsePort(53),
              responsePort(1_023),
              MessageBuilder.request(Methods.BINDING)
                  .attribute(Attributes.RESPONSE_PORT, Bytes.EMPTY),
              MessageBuilder.request(Methods.BINDING)
                  .attribute(Attributes.CHANGE_REQUEST, Bytes.EMPTY),
              responsePort(40_000).attribute(Attributes.PADDING, Bytes.random(1_000)),
              MessageBuilder.request(Methods.BINDING).flag(Attributes.PADDING),
              MessageBuilder.request(Methods.BINDING)
                  .attribute(Attributes.PADDING, Bytes.random(40)));
      refused.forEach(
          request -> {
            var answer = exchange(client, primary(server), request);
            assertEquals(400, answer.message().errorCode(), request.build()::toString);
            assertEquals(primary(server), answer.source());
          });
      var strange = exchange(client, primary(server), change(6).flag(0x0002));
      assertEquals(420, strange.message().errorCode());
      assertEquals(Bytes.hex("0002"), strange.message().require(Attributes.UNKNOWN_ATTRIBUTES));
    }
  }

  @Test
  void anAnswerWithPaddingIsNoLongerThanItsRequest() {
    try (var server = start(UdpMode.AUTO);
        var client = DiscoveryClient.at(FIRST)) {
      for (int size : new int[] {48, 49, 51, 52, 100, 1_500, 4_000}) {
        for (var request : List.of(change(0), change(0).flag(0x8000))) {
          var padded = request.attribute(Attributes.PADDING, Bytes.random(size));
          int asked = padded.build().length();
          int answered = exchange(client, primary(server), padded).message().bytes().length();
          assertTrue(answered <= asked, answered + " bytes for " + asked);
          assertTrue(answered > asked - 20, answered + " bytes for " + asked);
        }
        var printed = MessageBuilder.request(Methods.BINDING);
        printed.attribute(Attributes.PADDING, Bytes.random(size)).fingerprint();
        int answered = exchange(client, primary(server), printed).message().bytes().length();
        assertTrue(answered <= printed.build().length());
      }
    }
  }

  @Test
  void onlySoManyAnswersASecondGoAnotherWay() {
    var clock = new ManualClock();
    var settings =
        settings(UdpMode.AUTO, Services.discovery(PRIMARY, OTHER))
            .but(d -> d.udp = UdpMode.AUTO)
            .but(d -> d.loops = 1);
    try (var server = TurnServer.start(settings, clock);
        var client = DiscoveryClient.at(FIRST);
        var barrier = TestTurnClient.to(primary(server))) {
      for (int i = 0; i < 300; i++) {
        client.tell(primary(server), change(2).build());
      }
      var _ = barrier.exchange(MessageBuilder.request(Methods.BINDING).build());
      assertEquals(200, server.telemetry().get(DropReason.DISCOVERY_BUDGET));
      assertEquals(101, server.telemetry().get(Counter.SUCCESS_RESPONSES));
    }
  }

  @Test
  void allFourAddressesAreBeyondTheReachOfClients() {
    var settings = settings(UdpMode.AUTO, Services.discovery(PRIMARY, OTHER));
    try (var server = TurnServer.start(settings);
        var discovery = DiscoveryClient.at(FIRST);
        var client = TestTurnClient.to(primary(server)).withSecret(SECRET).as("alice")) {
      var other = discovery.ask(primary(server)).other();
      client.allocate();
      for (var corner :
          List.of(
              other,
              new InetSocketAddress(FIRST, other.getPort()),
              new InetSocketAddress(SECOND, primary(server).getPort()))) {
        var refused = client.call(Methods.CHANNEL_BIND, m -> m.channel(0x4000).peer(corner));
        assertEquals(403, refused.errorCode(), corner::toString);
      }
    }
  }

  @Test
  void addressesThatLeadClientsAstrayStopTheStart() {
    var settings = TurnSettings.of(SharedSecrets.of(SECRET), udp());
    var local = Services.with(Services.discovery(PRIMARY, OTHER));
    assertThrows(IllegalArgumentException.class, () -> settings.but(d -> d.service = local));
    assertThrows(IllegalArgumentException.class, () -> Services.discovery(PRIMARY, PRIMARY));
    assertThrows(IllegalArgumentException.class, () -> Services.discovery(PRIMARY, at("0.0.0.0")));
    assertThrows(IllegalArgumentException.class, () -> Services.discovery(PRIMARY, at("::1")));
    var samePort = new TransportAddress(OTHER.ip(), 3_478);
    assertThrows(
        IllegalArgumentException.class,
        () -> Services.discovery(new TransportAddress(PRIMARY.ip(), 3_478), samePort));
    var elsewhere = Services.with(Services.discovery(OTHER, PRIMARY));
    assertThrows(
        IllegalArgumentException.class,
        () -> settings.allowingPeers("127.0.0.0/8").but(d -> d.service = elsewhere));
  }

  private static MessageBuilder change(int flags) {
    return MessageBuilder.request(Methods.BINDING)
        .attribute(Attributes.CHANGE_REQUEST, Bytes.uint32(flags));
  }

  private static MessageBuilder responsePort(int port) {
    return MessageBuilder.request(Methods.BINDING)
        .attribute(Attributes.RESPONSE_PORT, Bytes.uint16(port).plus(Bytes.uint16(0)));
  }

  private static Answer exchange(
      DiscoveryClient client, InetSocketAddress server, MessageBuilder request) {
    var answer = client.exchange(server, request.build());
    assertNotNull(answer);
    return answer;
  }

  private static TurnServer start(UdpMode mode) {
    return TurnServer.start(settings(mode, Services.discovery(PRIMARY, OTHER)));
  }

  private static TurnSettings settings(UdpMode mode, NatDiscovery discovery) {
    return TurnSettings.of(SharedSecrets.of(SECRET), udp())
        .but(d -> d.udp = mode)
        .but(d -> d.loops = 2)
        .allowingPeers("127.0.0.0/8")
        .but(d -> d.service = Services.with(discovery));
  }

  private static ListenUrl udp() {
    return ListenUrl.parse("udp://" + PRIMARY);
  }

  private static TransportAddress at(String ip) {
    return new TransportAddress(IpAddress.parse(ip), 0);
  }

  private static InetSocketAddress primary(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }
}
