package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.loop.ServiceSettings.Mode;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which parts of the protocols are served, and whom the server sends elsewhere.
class ServiceTest {
  private static final String SECRET = "a secret of this test";
  private static final int ACCESS_TOKEN = 0x001b;
  private static final int THIRD_PARTY_AUTHORIZATION = 0x802e;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration A_MOMENT = Duration.ofMillis(200);
  private static final TransportAddress ONE = address("198.41.0.4", 3_478);
  private static final TransportAddress TWO = address("198.41.0.5", 3_479);
  private static final TransportAddress SIX = address("2001:503:ba3e::2:30", 3_478);

  @TempDir private Path directory = Path.of("");

  @Test
  void aServerForStunAloneIsSilentToEverythingOfTurn() {
    try (var server = start(Services.with(Mode.STUN_ONLY));
        var client = client(server)) {
      assertEquals(client.localAddress(), client.binding());
      client.sendRaw(MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build());
      client.sendRaw(MessageBuilder.request(Methods.REFRESH).build());
      assertEquals(List.of(), client.deliveries());
      assertEquals(2, server.telemetry().get(DropReason.NOT_SERVED));
    }
  }

  /// RFC 7635 is not offered: its tokens are an attribute that nobody here knows.
  @Test
  void accessTokensAreNotReadWhateverIsInThem() throws IllegalAccessException {
    try (var server = start(ServiceSettings.DEFAULT);
        var client = client(server)) {
      for (int length : new int[] {0, 1, 2, 100, 1_200}) {
        var token = Bytes.random(length);
        var refused =
            client.call(
                Methods.ALLOCATE, m -> m.requestedTransport().attribute(ACCESS_TOKEN, token));
        assertEquals(420, refused.errorCode());
        assertEquals(Bytes.uint16(ACCESS_TOKEN), refused.require(Attributes.UNKNOWN_ATTRIBUTES));
      }
      var stranger =
          client.exchange(MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build());
      assertFalse(stranger.has(THIRD_PARTY_AUTHORIZATION));
      assertEquals(0, server.telemetry().liveAllocations());
    }
    for (var known : Attribute.class.getDeclaredFields()) {
      if (known.getType() == int.class && known.trySetAccessible()) {
        assertFalse(known.getInt(null) == ACCESS_TOKEN, known::getName);
      }
    }
  }

  @Test
  void aServerForTurnAloneIsSilentToBinding() {
    try (var server = start(Services.with(Mode.TURN_ONLY));
        var client = client(server)) {
      client.sendRaw(MessageBuilder.request(Methods.BINDING).build());
      client.allocate();
      assertEquals(600, client.refresh(600));
      assertEquals(1, server.telemetry().get(DropReason.NOT_SERVED));
    }
  }

  @Test
  void clientsWithACredentialAreSentToTheAlternatesOfTheirFamilyAtRandom() {
    var service = Services.with(List.of(SIX, ONE, TWO), "turn.example");
    try (var server = start(service);
        var client = client(server)) {
      var stranger =
          client.exchange(MessageBuilder.request(Methods.ALLOCATE).requestedTransport().build());
      assertTrue(stranger.isError(401), stranger::toString);
      var seen = new HashSet<InetSocketAddress>();
      for (int i = 0; i < 40; i++) {
        var answer = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
        assertTrue(answer.isError(300), answer::toString);
        assertFalse(answer.has(Attributes.ALTERNATE_DOMAIN), "UDP shows no certificate");
        assertTrue(answer.has(Attributes.MESSAGE_INTEGRITY));
        seen.add(answer.plainAddress(Attributes.ALTERNATE_SERVER));
      }
      assertEquals(Set.of(ONE.toInetSocketAddress(), TWO.toInetSocketAddress()), seen);
      assertEquals(client.localAddress(), client.binding());
    }
  }

  @Test
  void whereNoAlternateIsOfTheClientsFamilyTheClientIsServed() {
    try (var server = start(Services.with(List.of(SIX), ""));
        var client = client(server)) {
      client.allocate();
    }
  }

  @Test
  void overTlsTheAlternateIsToldWithTheNameInItsCertificate() {
    var certificate = TestCertificate.ec(directory, "one.example");
    var files = List.of(new CertificateFiles(certificate.file(), certificate.key()));
    var service = Services.with(List.of(ONE), "two.example");
    var settings =
        settings(service)
            .but(
                d -> {
                  d.streams = StreamSettings.DEFAULT.withCertificates(files);
                  d.listeners = List.of(ListenUrl.parse("tls://127.0.0.1:0"));
                });
    try (var server = TurnServer.start(settings)) {
      var wire = StreamWire.to(serverOf(server)).secured(TlsProfile.trusting(certificate));
      try (var client = TestTurnClient.over(wire).withSecret(SECRET).as("alice")) {
        var answer = client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
        assertEquals("two.example", answer.require(Attributes.ALTERNATE_DOMAIN).asUtf8());
      }
    }
  }

  @Test
  void aServerThatDrainsKeepsItsAllocationsAndTakesNoNewOnes() {
    try (var server = start(ServiceSettings.DEFAULT)) {
      var clients = List.of(client(server), client(server), client(server), client(server));
      clients.forEach(TestTurnClient::allocate);
      server.drain();
      for (var client : clients) {
        assertEquals(600, client.refresh(600));
        client.permit(ONE.toInetSocketAddress());
        assertEquals(client.localAddress(), client.binding());
      }
      for (int i = 0; i < 8; i++) { // some of them on each loop
        try (var late = client(server)) {
          var refused = late.call(Methods.ALLOCATE, MessageBuilder::requestedTransport);
          assertEquals(508, refused.errorCode());
        }
      }
      clients.forEach(TestTurnClient::close);
    }
  }

  @Test
  void aClassicBindingRequestIsMetBySilenceByDefault() {
    try (var server = start(ServiceSettings.DEFAULT);
        var client = client(server)) {
      client.sendRaw(classic(Bytes.EMPTY));
      assertNull(client.receiveRaw(A_MOMENT));
      assertEquals(1, server.telemetry().get(DropReason.MALFORMED_STUN));
    }
  }

  @Test
  void aClassicBindingRequestGetsItsAddressAsItIsAndNothingElse() {
    try (var server = start(classicService());
        var client = client(server)) {
      var request = classic(Bytes.EMPTY);
      client.sendRaw(request);
      var answer = receive(client);
      assertEquals(0x0101, answer.uint16At(0));
      assertEquals(request.slice(4, 20), answer.slice(4, 20), "128 bits of transaction id");
      assertEquals(mapped(client), answer.slice(20, answer.length()));
      client.sendRaw(classic(changeRequest(0)));
      assertEquals(mapped(client), receive(client).slice(20, 32), "they ask for no change");
    }
  }

  @Test
  void aClassicClientIsNeverAnsweredElsewhereNorFromElsewhere() {
    try (var server = start(classicService());
        var client = client(server);
        var victim = client(server)) {
      var elsewhere = Bytes.hex("00020008").plus(mapped(victim).slice(4, 12));
      for (var wish : List.of(changeRequest(2), changeRequest(4), changeRequest(6), elsewhere)) {
        var request = classic(wish);
        client.sendRaw(request);
        var answer = receive(client);
        assertEquals(0x0111, answer.uint16At(0));
        assertEquals(Bytes.hex("00000414"), answer.slice(24, 28));
        assertTrue(answer.length() <= request.length() + 8, answer::toString);
      }
      assertNull(victim.receiveRaw(A_MOMENT));
    }
  }

  @Test
  void classicMessagesOtherThanBindingRequestsAreDropped() {
    try (var server = start(classicService());
        var client = client(server)) {
      for (int type : new int[] {0x0101, 0x0111, 0x0002, 0x0003, 0x0011, 0x0016}) {
        client.sendRaw(Bytes.uint16(type).plus(classic(Bytes.EMPTY).slice(2, 20)));
      }
      Await.until(
          PATIENCE,
          () -> server.telemetry().get(DropReason.MALFORMED_STUN) == 6,
          () -> "all are dropped");
      assertEquals(List.of(), client.deliveries());
    }
  }

  private static ServiceSettings classicService() {
    return Services.with(Set.of(Feature.CLASSIC_STUN));
  }

  private static Bytes classic(Bytes attributes) {
    return Bytes.uint16(0x0001)
        .plus(Bytes.uint16(attributes.length()))
        .plus(Bytes.octets(0x17)) // never the first byte of the magic cookie
        .plus(Bytes.random(15))
        .plus(attributes);
  }

  private static Bytes changeRequest(int flags) {
    return Bytes.hex("00030004").plus(Bytes.uint32(flags));
  }

  private static Bytes mapped(TestTurnClient client) {
    var local = client.localAddress();
    return Bytes.hex("000100080001")
        .plus(Bytes.uint16(local.getPort()))
        .plus(Bytes.of(local.getAddress().getAddress()));
  }

  private static Bytes receive(TestTurnClient client) {
    var answer = client.receiveRaw(PATIENCE);
    if (answer == null) {
      throw new AssertionError("no answer");
    }
    return answer;
  }

  private static TransportAddress address(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }

  private static TurnServer start(ServiceSettings service) {
    return TurnServer.start(settings(service));
  }

  private static TurnSettings settings(ServiceSettings service) {
    return TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
        .but(d -> d.udp = UdpMode.AUTO)
        .but(d -> d.loops = 2)
        .but(d -> d.service = service);
  }

  private static InetSocketAddress serverOf(TurnServer server) {
    return server.listenAddresses().getFirst().toInetSocketAddress();
  }

  private static TestTurnClient client(TurnServer server) {
    return TestTurnClient.to(serverOf(server)).withSecret(SECRET).as("alice");
  }
}
