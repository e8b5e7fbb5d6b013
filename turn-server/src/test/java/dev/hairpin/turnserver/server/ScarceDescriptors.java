package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.StreamEnd;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.transport.HttpBackend;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The server that `ScarceDescriptorsTest` runs. It says where it listens. Told `take`, it opens
/// files until there is no descriptor left; told `give`, it closes them. After each line that it
/// reads it says how often it was refused a connection, and for how long it has computed. Where it
/// is given a certificate and its key, it serves TLS, and HTTP by it in vain.
final class ScarceDescriptors {
  static final String SECRET = "north";

  private ScarceDescriptors() {}

  public static void main(String[] arguments) throws IOException {
    var udp = ListenUrl.parse("udp://127.0.0.1:0");
    var settings =
        TurnSettings.of(SharedSecrets.of(SECRET), udp)
            .allowingPeers("127.0.0.1/32")
            .but(d -> d.listeners = List.of(udp, ListenUrl.parse("tcp://127.0.0.1:0")))
            .but(d -> d.http = new Closed());
    if (arguments.length > 0) {
      var files = new CertificateFiles(Path.of(arguments[0]), Path.of(arguments[1]));
      settings = settings.but(d -> d.streams = d.streams.withCertificates(List.of(files)));
    }
    try (var server = TurnServer.start(settings)) {
      warmUp(server);
      tell(server);
      System.out.println("listening");
      for (var address : server.listenAddresses()) {
        System.out.println(address.port());
      }
      System.out.println("ready");
      var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      var taken = new ArrayList<InputStream>();
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        if (line.equals("take")) {
          take(taken);
        } else if (line.equals("give")) {
          for (var file : taken) {
            file.close();
          }
        }
        tell(server);
      }
    }
  }

  /// An HTTP server that is not there.
  private record Closed() implements HttpBackend {
    @Override
    public TransportAddress address() {
      return new TransportAddress(IpAddress.parse("127.0.0.1"), 9);
    }

    @Override
    public void opened(TransportAddress via, TransportAddress client) {}

    @Override
    public void closed(TransportAddress via) {}
  }

  /// What is used for the first time must be read from a file.
  private static void warmUp(TurnServer server) {
    var address = server.listenAddresses().getFirst().toInetSocketAddress();
    try (var client = TestTurnClient.to(address).withSecret(SECRET).as("first")) {
      var relayed = client.allocate().relayed();
      client.permit(relayed);
      client.send(relayed, Bytes.utf8("round"));
      client.refresh(0);
    } catch (StreamEnd e) {
      throw new IllegalStateException(e);
    }
  }

  private static void take(List<InputStream> files) {
    while (true) {
      try {
        files.add(new FileInputStream("/dev/null"));
      } catch (IOException _) {
        return;
      }
    }
  }

  private static void tell(TurnServer server) {
    System.out.println("refused " + server.telemetry().get(DropReason.ACCEPT_FAILED));
    System.out.println("cpu ms " + cpuMillis());
  }

  private static long cpuMillis() {
    var threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (long id : threads.getAllThreadIds()) {
      nanos += Math.max(0, threads.getThreadCpuTime(id));
    }
    return nanos / 1_000_000;
  }
}
