package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Challenge;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Wireshark's dissector finds nothing wrong with what this server sends. The server is a portable
/// one, for what the native one gives to the kernel as one message to be cut into datagrams is
/// captured uncut on loopback.
class DissectorTest {
  private static final String SECRET = "north";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  /// Data indications, successes of Allocate, Refresh, CreatePermission and ChannelBind, and
  /// errors.
  private static final Set<String> TYPES =
      Set.of("0x0017", "0x0103", "0x0104", "0x0108", "0x0109", "0x0113", "0x0114", "0x0118");

  /// The last two digits of the codes, all of which are 4xx.
  private static final Set<String> ERRORS = Set.of("0", "1", "3", "20", "37", "38", "43");

  /// Apart from the ports that clients get.
  private static final RelaySettings RELAY =
      new RelaySettings(
          List.of(IpAddress.parse("127.0.2.2"), IpAddress.parse("::1")),
          List.of(),
          new PortRange(61_000, 65_535));

  @TempDir private static Path directory = Path.of("");

  @Test
  void everythingThatTheServerSendsIsWellFormed() throws Exception {
    try (var server = server()) {
      var udp = server.listenAddresses().getFirst().toInetSocketAddress();
      var tcp = server.listenAddresses().getLast().toInetSocketAddress();
      try (var capture = Capture.start(directory, udp.getPort(), tcp.getPort())) {
        var runs =
            Stream.of(
                    uclient(udp, "-y"),
                    uclient(udp, "-y", "-c", "-s", "-g"),
                    uclient(udp, "-y", "-c", "-x"),
                    uclient(tcp, "-t", "-y"),
                    uclient(tcp, "-t", "-y", "-c", "-s", "-l", "101"))
                .toList();
        try (var overUdp = TestTurnClient.to(udp);
            var overTcp = TestTurnClient.over(StreamWire.to(tcp))) {
          provokeErrors(overUdp);
          provokeErrors(overTcp);
        }
        runs.forEach(run -> assertTrue(run.join().isFlawless(), run.join()::toString));
        capture.stop();
        assertEquals(List.of(), capture.complaints());
        assertTrue(capture.count("udp && stun.channel") >= 10, "ChannelData was captured");
        assertTrue(capture.count("tcp && stun.channel") >= 10, "ChannelData was captured");
        assertTrue(capture.values("stun.type").containsAll(TYPES), "every message was captured");
        assertTrue(
            capture.values("stun.att.error").containsAll(ERRORS), "every error was captured");
      }
    }
  }

  @Test
  void everyWrongMessageWouldBeFound() throws Exception {
    var fine = MessageBuilder.of(MessageClass.SUCCESS, Methods.BINDING).build();
    var wrong =
        List.of(
            fine.with(2, Bytes.uint16(4)),
            fine.slice(0, 12),
            fine.with(2, Bytes.uint16(2)).plus(Bytes.octets(0, 1)),
            with(fine, 0x7777),
            with(fine, Attributes.FINGERPRINT),
            Bytes.uint16(0x4000).plus(Bytes.uint16(9)).plus(Bytes.utf8("short")));
    try (var sender = new DatagramSocket(0, LOOPBACK);
        var receiver = Canary.at(LOOPBACK);
        var capture = Capture.start(directory, sender.getLocalPort())) {
      for (var message : wrong) {
        send(sender, fine, receiver);
        send(sender, message, receiver);
      }
      capture.stop();
      var found = capture.complaints().stream().map(line -> line.split("\t", -1)[0]).toList();
      assertEquals(List.of("2", "4", "6", "8", "10", "12"), found);
    }
  }

  private static Bytes with(Bytes message, int attribute) {
    return MessageBuilder.continuing(message).attribute(attribute, Bytes.uint32(1)).build();
  }

  private static void send(DatagramSocket sender, Bytes message, Canary to) throws IOException {
    sender.send(new DatagramPacket(message.toArray(), message.length(), to.address()));
  }

  /// Gets an error of each kind, with FINGERPRINT, and signed where the server signs.
  private static void provokeErrors(TestTurnClient client) {
    client.withSecret(SECRET).as("alice");
    ask(client, 401, MessageBuilder.request(Methods.ALLOCATE).requestedTransport());
    ask(client, 437, signed(client, Methods.REFRESH, m -> m.lifetime(600)));
    ask(client, 420, signed(client, Methods.ALLOCATE, m -> m.requestedTransport().flag(0x7777)));
    client.allocate();
    ask(client, 400, signed(client, Methods.CHANNEL_BIND, m -> m.channel(0x4000)));
    ask(client, 403, signed(client, Methods.CREATE_PERMISSION, m -> m.peer(peer("127.0.0.1"))));
    ask(client, 443, signed(client, Methods.CREATE_PERMISSION, m -> m.peer(peer("2a00::1"))));
    var foreign = new Challenge(client.challenge().realm(), Bytes.utf8("not a nonce of ours"));
    ask(
        client,
        438,
        MessageBuilder.request(Methods.REFRESH).signedBy(client.credential(), foreign));
  }

  private static InetSocketAddress peer(String ip) {
    return new InetSocketAddress(InetAddress.ofLiteral(ip), 7000);
  }

  private static MessageBuilder signed(
      TestTurnClient client, int method, Consumer<MessageBuilder> content) {
    return MessageBuilder.continuing(client.signed(method, content));
  }

  private static void ask(TestTurnClient client, int code, MessageBuilder request) {
    var response = client.exchange(request.fingerprint().build());
    assertTrue(response.isError(code), response::toString);
  }

  private static CompletableFuture<Uclient> uclient(InetSocketAddress server, String... options) {
    var all = Stream.concat(Stream.of(options), Stream.of("-n", "5", "-m", "2"));
    return CompletableFuture.supplyAsync(
        () -> Uclient.run(server, SECRET, all.toArray(String[]::new)),
        command -> Thread.ofPlatform().start(command));
  }

  private static TurnServer server() {
    return TurnServer.start(
        TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
            .but(d -> d.relay = RELAY)
            .but(d -> d.udp = UdpMode.PORTABLE)
            .but(d -> d.loops = 2)
            .but(
                d ->
                    d.listeners =
                        List.of(
                            ListenUrl.parse("udp://127.0.0.1:0"),
                            ListenUrl.parse("tcp://127.0.0.1:0"))));
  }
}
