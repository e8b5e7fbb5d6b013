package dev.hairpin.turnserver.foreign;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Records what passes some ports of the loopback interface, and reads it through Wireshark's
/// dissector of STUN and TURN.
final class Capture implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final Integer ROOT = 0;

  /// What Wireshark finds wrong with a message, in its filter language.
  private static final String WRONG =
      String.join(
          " || ",
          "_ws.malformed",
          "stun.short_packet",
          "stun.wrong_msglen",
          "stun.long_attribute",
          "stun.unknown_attribute",
          "stun.att.crc32.bad");

  private static final String OLD_CHANNEL =
      "(udp.payload[0:2] >= 50:00 && udp.payload[0:2] <= 7f:ff)";

  private final ChildProcess dumpcap;
  private final Path file;
  private final List<Integer> ports;

  private Capture(ChildProcess dumpcap, Path file, List<Integer> ports) {
    this.dumpcap = dumpcap;
    this.file = file;
    this.ports = ports;
  }

  /// Begins to record, and returns once it does. Ends the test unharmed where the user may not
  /// record and is not root, who always should.
  static Capture start(Path directory, Integer... ports) throws IOException {
    var file = Files.createTempFile(directory, "capture", ".pcapng");
    var filter = String.join(" or ", List.of(ports).stream().map(p -> "port " + p).toList());
    var dumpcap =
        ChildProcess.start(
            List.of("dumpcap", "-q", "-i", "lo", "-f", filter, "-w", file.toString()));
    var capture = new Capture(dumpcap, file, List.of(ports));
    try {
      dumpcap.awaitLine("File: " + file, PATIENCE);
    } catch (AssertionError refused) {
      capture.close();
      boolean isRoot = ROOT.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
      if (!isRoot) {
        abort("only root and members of the group wireshark may capture: " + dumpcap.output());
      }
      throw new AssertionError(
          "cannot capture on lo; a container needs CAP_NET_RAW: " + dumpcap.output(), refused);
    }
    return capture;
  }

  /// Ends the recording, once all that has been sent so far is in it: a mark to the first port,
  /// which must be one of UDP, closes the list.
  Capture stop() throws IOException {
    var mark = Bytes.random(24);
    try (var socket = new DatagramSocket(0, LOOPBACK)) {
      var to = new InetSocketAddress(LOOPBACK, ports.getFirst());
      socket.send(new DatagramPacket(mark.toArray(), mark.length(), to));
    }
    Await.until(PATIENCE, () -> holds(mark), () -> "the mark is recorded: " + dumpcap.output());
    dumpcap.stop(PATIENCE);
    return this;
  }

  private boolean holds(Bytes mark) {
    try {
      var recorded = Files.readString(file, StandardCharsets.ISO_8859_1);
      return recorded.contains(new String(mark.toArray(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// How many packets from these ports match a filter of Wireshark's.
  int count(String filter) {
    return packets(filter, "frame.number").size();
  }

  /// All values that a field of Wireshark's has in the packets from these ports.
  Set<String> values(String field) {
    var values = new HashSet<String>();
    packets(field, field).forEach(line -> values.addAll(List.of(line.split(",", -1))));
    return values;
  }

  /// The packets from these ports that are not STUN or ChannelData, or wrong in themselves.
  /// ChannelData on numbers above 0x4FFF is let pass, which Wireshark does not know over UDP.
  List<String> complaints() {
    return packets(
        "(udp.length > 8 || tcp.len > 0) && (!(stun || %s) || %s)".formatted(OLD_CHANNEL, WRONG),
        "frame.number",
        "frame.protocols",
        "_ws.expert.message",
        "udp.payload");
  }

  private List<String> packets(String filter, String... fields) {
    var command = new ArrayList<>(List.of("tshark", "-r", file.toString(), "-Y"));
    command.add("(%s) && (%s)".formatted(fromPorts(), filter));
    for (int port : ports) {
      command.addAll(List.of("-d", "udp.port==%d,stun".formatted(port)));
      command.addAll(List.of("-d", "tcp.port==%d,stun".formatted(port)));
    }
    command.addAll(List.of("-T", "fields"));
    for (var field : fields) {
      command.addAll(List.of("-e", field));
    }
    try (var tshark = ChildProcess.start(command)) {
      int exitCode = tshark.awaitExit(PATIENCE);
      var lines = tshark.output().stream().filter(line -> !line.startsWith("Running as")).toList();
      if (exitCode != 0) {
        throw new AssertionError("tshark failed: " + lines);
      }
      return lines;
    }
  }

  private String fromPorts() {
    return String.join(
        " || ",
        ports.stream().map(p -> "udp.srcport == %d || tcp.srcport == %<d".formatted(p)).toList());
  }

  @Override
  public void close() {
    dumpcap.close();
  }
}
