package dev.hairpin.turnserver.conformance;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Coturn;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.UdpWire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What everything that a stranger may send over UDP comes back as: the table of docs/security.md,
/// with coturn's figures beside ours. Written anew by `-Dsecurity.write=true`.
class AmplificationTest {
  private static final Path PAGE = Path.of("../docs/security.md");
  private static final String BEGIN = "<!-- amplification: begin -->\n";
  private static final String END = "<!-- amplification: end -->";
  private static final int HEADERS = 28; // of IPv4 and UDP
  private static final int CHANGE_REQUEST = 0x0003;
  private static final int RESPONSE_ADDRESS = 0x0002;
  private static final int UNKNOWN_METHOD = 0x0AA;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir private Path folder = Path.of("");

  /// Bytes sent and bytes that came back.
  private record Echo(int in, int out) {
    double payloadRatio() {
      return (double) out / in;
    }

    double ipRatio() {
      return out == 0 ? 0 : (double) (out + HEADERS) / (in + HEADERS);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%d | %.2f | %.2f", out, payloadRatio(), ipRatio());
    }
  }

  @Test
  void nothingThatAStrangerSendsComesBackMoreThanThreefold() throws IOException {
    Map<String, Echo> ours;
    Map<String, Echo> coturns;
    try (var server = TurnServer.start(Venue.settings(Venue.IPV4))) {
      ours = echoes(Venue.addressOf(server));
    }
    try (var coturn = Coturn.on(folder, Venue.IPV4, Venue.SECRET).asInstalled().start()) {
      coturns = echoes(coturn.address());
    }
    assertAll(
        ours.entrySet().stream()
            .map(
                e ->
                    () -> {
                      assertTrue(e.getValue().payloadRatio() <= 3.0, e::toString);
                      assertTrue(e.getValue().ipRatio() <= 2.01, e::toString);
                    }));
    for (String silent : silences().keySet()) {
      assertEquals(0, requireNonNull(ours.get(silent)).out(), silent);
    }
    assertEquals(32, requireNonNull(ours.get("Binding")).out());
    var table = new StringBuilder();
    table.append("| from a stranger, over IPv4 | bytes | Hairpin's answer | ratio | with headers");
    table.append(" | coturn's answer | ratio | with headers |\n");
    table.append("|---|--:|--:|--:|--:|--:|--:|--:|\n");
    ours.forEach(
        (name, echo) ->
            table.append(
                "| %s | %d | %s | %s |\n".formatted(name, echo.in(), echo, coturns.get(name))));
    var page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    int to = page.indexOf(END);
    if (Boolean.getBoolean("security.write")) {
      Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
    } else {
      assertEquals(table.toString(), page.substring(from, to), "write it by -Dsecurity.write=true");
    }
  }

  private static Map<String, Echo> echoes(InetSocketAddress server) {
    var echoes = new LinkedHashMap<String, Echo>();
    var all = new LinkedHashMap<>(requests());
    all.putAll(silences());
    all.forEach((name, message) -> echoes.put(name, echo(server, message)));
    return echoes;
  }

  /// What came back before the answer to a Binding request that was sent behind.
  private static Echo echo(InetSocketAddress server, Bytes message) {
    try (var wire = UdpWire.to(server)) {
      var mark = MessageBuilder.request(Methods.BINDING);
      wire.send(message);
      wire.send(mark.build());
      int bytes = 0;
      var datagrams = new ArrayList<Bytes>();
      while (true) {
        var answer = wire.receive(PATIENCE);
        assertTrue(answer != null, "the server is silent");
        if (answer.length() >= 20 && answer.slice(8, 20).equals(mark.transaction())) {
          break;
        }
        datagrams.add(answer);
        bytes += answer.length();
      }
      assertTrue(datagrams.size() <= 1, () -> "more than one answer: " + datagrams);
      return new Echo(message.length(), bytes);
    }
  }

  private static Map<String, Bytes> requests() {
    var garbage = Bytes.random(20);
    var all = new LinkedHashMap<String, Bytes>();
    all.put("Binding", binding().build());
    all.put("Binding with FINGERPRINT", binding().fingerprint().build());
    all.put("Binding with CHANGE-REQUEST", change(Bytes.octets(0, 0, 0, 6)));
    all.put(
        "Binding with RESPONSE-ADDRESS",
        binding().attribute(RESPONSE_ADDRESS, Bytes.hex("0001 0d96 7f00 0001")).build());
    var unknown = binding();
    IntStream.range(0x7000, 0x7000 + 100).forEach(unknown::flag);
    all.put("Binding with 100 unknown attributes", unknown.build());
    all.put("Allocate, empty", MessageBuilder.request(Methods.ALLOCATE).build());
    all.put("Allocate", allocate().build());
    all.put("Allocate with FINGERPRINT", allocate().fingerprint().build());
    all.put("Allocate for TCP", MessageBuilder.request(Methods.ALLOCATE).requestedTcp().build());
    all.put(
        "Allocate with EVEN-PORT",
        allocate().attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)).build());
    all.put(
        "Allocate with a garbage RESERVATION-TOKEN",
        allocate().attribute(Attributes.RESERVATION_TOKEN, Bytes.random(8)).build());
    all.put("Allocate for a ticket", allocate().ticket(Bytes.EMPTY).build());
    all.put(
        "Allocate with garbage integrity",
        allocate()
            .text(Attributes.USERNAME, "mallory")
            .text(Attributes.REALM, "hairpin")
            .text(Attributes.NONCE, "garbage")
            .attribute(Attributes.MESSAGE_INTEGRITY, garbage)
            .build());
    all.put(
        "Allocate with nothing but integrity",
        allocate().attribute(Attributes.MESSAGE_INTEGRITY, garbage).build());
    for (var method :
        List.of(
            Map.entry("Refresh", Methods.REFRESH),
            Map.entry("CreatePermission", Methods.CREATE_PERMISSION),
            Map.entry("ChannelBind", Methods.CHANNEL_BIND),
            Map.entry("Connect", Methods.CONNECT),
            Map.entry("ConnectionBind", Methods.CONNECTION_BIND))) {
      all.put(method.getKey() + ", empty", MessageBuilder.request(method.getValue()).build());
    }
    all.put(
        "Refresh with a garbage ticket",
        MessageBuilder.request(Methods.REFRESH).ticket(Bytes.random(40)).build());
    return all;
  }

  /// What nobody answers, or should not.
  private static Map<String, Bytes> silences() {
    var all = new LinkedHashMap<String, Bytes>();
    all.put("Binding of RFC 3489", binding().build().with(4, Bytes.hex("00000000")));
    all.put("an unknown method", MessageBuilder.request(UNKNOWN_METHOD).build());
    all.put("a Binding response", of(MessageClass.SUCCESS));
    all.put("a Binding error response", of(MessageClass.ERROR));
    all.put("a Binding indication", of(MessageClass.INDICATION));
    all.put("a Binding request with a wrong FINGERPRINT", wrongFingerprint());
    all.put("a Send indication", MessageBuilder.indication(Methods.SEND).build());
    all.put("a Data indication", MessageBuilder.indication(Methods.DATA).build());
    all.put("ChannelData", Bytes.hex("4000 0004 01020304"));
    all.put("RTP", Bytes.hex("8060 0001 00000000 00000001"));
    all.put("a DTLS record", Bytes.hex("16fefd 0000 000000000000 0000"));
    all.put("2 bytes of junk", Bytes.hex("ffff"));
    return all;
  }

  private static MessageBuilder binding() {
    return MessageBuilder.request(Methods.BINDING);
  }

  private static MessageBuilder allocate() {
    return MessageBuilder.request(Methods.ALLOCATE).requestedTransport();
  }

  private static Bytes change(Bytes flags) {
    return binding().attribute(CHANGE_REQUEST, flags).build();
  }

  private static Bytes of(MessageClass messageClass) {
    return MessageBuilder.of(messageClass, Methods.BINDING).build();
  }

  private static Bytes wrongFingerprint() {
    return binding().attribute(Attributes.FINGERPRINT, Bytes.hex("00000000")).build();
  }
}
