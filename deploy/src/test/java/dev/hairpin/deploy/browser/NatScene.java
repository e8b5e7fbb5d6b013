package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hairpin.deploy.Distribution;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Two browsers in private networks, a NAT before each, and `hairpin serve` between the two. This
/// machine has a link of its own to each of the three, which no call goes by.
///
///     host1 192.168.1.2 - nat1 44.1.0.2 - internet 44.0.0.1 - nat2 44.2.0.2 - host2 192.168.2.2
final class NatScene {
  static final String SITE = "http://44.0.0.1:8080";

  /// Browsers lend cameras to sites with HTTPS alone, and look at all interfaces where they lend
  /// one.
  private static final List<String> OPTIONS =
      List.of(
          "--use-fake-device-for-media-stream",
          "--use-fake-ui-for-media-stream",
          "--unsafely-treat-insecure-origin-as-secure=" + SITE,
          "--force-webrtc-ip-handling-policy=default_public_interface_only");

  static final String KEY = "the-api-key-of-a-call-between-two-networks";
  private static final URI API = URI.create("http://10.213.78.2:8080");

  private final Path folder;
  private final Networks networks = new Networks();
  private final List<FarChromium> browsers = new CopyOnWriteArrayList<>();
  private @Nullable Process server;

  NatScene(Path folder) {
    this.folder = folder;
  }

  /// @param translation what nftables makes of the addresses of all that leaves
  void start(String translation) throws Exception {
    Networks.assumeAllowed();
    assumeTrue(Files.exists(Path.of("/usr/sbin/nft")), "nftables (Debian's package) is not there");
    String internet = networks.add("internet");
    Networks.inside(internet, "sysctl -q -w net.ipv4.ip_forward=1");
    Networks.inside(internet, "ip address add 44.0.0.1/32 dev lo");
    Networks.cableFromHere("hpnat0", "10.213.78.1/30", internet, "manage");
    Networks.up(internet, "manage", "10.213.78.2/30");
    server = serve(internet);
    String[] hosts = {addHost(internet, 1, translation), addHost(internet, 2, translation)};
    try (var together = Executors.newVirtualThreadPerTaskExecutor()) {
      var starts =
          together.invokeAll(List.of(() -> browser(1, hosts[0]), () -> browser(2, hosts[1])));
      for (var start : starts) {
        start.get();
      }
    }
    Networks.awaitHttp(API.resolve("/healthz"));
  }

  private FarChromium browser(int number, String host) throws Exception {
    String here = "10.213.78." + (4 * number + 1);
    String there = "10.213.78." + (4 * number + 2);
    Networks.cableFromHere("hpnat" + number, here + "/30", host, "manage");
    Networks.up(host, "manage", there + "/30");
    var directory = Files.createDirectory(folder.resolve("chromium" + number));
    var browser = new FarChromium(host, here, there, directory, OPTIONS);
    browsers.add(browser);
    return browser;
  }

  /// A host in a private network, with a NAT that lets nothing in that was not asked for.
  private String addHost(String internet, int number, String translation) throws Exception {
    String nat = networks.add("nat" + number);
    String host = networks.add("host" + number);
    String outer = "44." + number + ".0.";
    String inner = "192.168." + number + ".";
    Networks.cable(internet, "nat" + number, nat, "wan");
    Networks.up(internet, "nat" + number, outer + "1/30");
    Networks.up(nat, "wan", outer + "2/30");
    Networks.inside(nat, "ip route add default via " + outer + "1");
    Networks.cable(nat, "lan", host, "eth0");
    Networks.up(nat, "lan", inner + "1/24");
    Networks.up(host, "eth0", inner + "2/24");
    Networks.inside(host, "ip route add default via " + inner + "1");
    Networks.inside(nat, "sysctl -q -w net.ipv4.ip_forward=1");
    var rules =
        Files.writeString(
            folder.resolve("nat" + number),
            """
            table ip nat {
              chain out {
                type nat hook postrouting priority srcnat
                oifname "wan" %s
              }
              chain in {
                type filter hook input priority filter
                iifname "wan" drop
              }
            }
            """
                .formatted(translation));
    Networks.inside(nat, "nft -f " + rules);
    return host;
  }

  /// With the default rules: no peer in a private network may be reached.
  private Process serve(String internet) throws IOException {
    Files.writeString(folder.resolve("api-key"), KEY);
    var file =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            listen: [ 'udp://44.0.0.1:3478' ]
            relay: { addresses: [ '44.0.0.1' ] }
            unsafe: [ open-secret-files ]
            data-dir: %s
            api: { listen: 'http://0.0.0.0:8080', key-file: api-key }
            """
                .formatted(folder.resolve("data")));
    var program = Distribution.assemble(folder.resolve("hairpin")).program();
    var command = List.of(program.toString(), "serve", "--config", file.toString());
    return Networks.program(internet, command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("hairpin.log").toFile())
        .start();
  }

  void close() throws Exception {
    for (var browser : browsers) {
      browser.close();
    }
    if (server != null) {
      server.destroy();
      server.waitFor(10, TimeUnit.SECONDS);
    }
    networks.delete();
  }

  List<FarChromium> browsers() {
    return browsers;
  }

  /// Where the clients of the live sessions are, as the server sees them.
  List<String> clients() throws Exception {
    return Pattern.compile("\"client\":\"([0-9.]+):")
        .matcher(get("/v1/sessions"))
        .results()
        .map(match -> match.group(1))
        .sorted()
        .toList();
  }

  /// Bytes that were relayed, in either direction.
  long relayedBytes() throws Exception {
    return get("/metrics")
        .lines()
        .filter(line -> line.matches("hairpin_turn_to_(peer|client)_bytes_total .*"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private static String get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(API.resolve(path));
      request.header("Authorization", "Bearer " + KEY);
      var answer = client.send(request.build(), BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      return answer.body();
    }
  }
}
