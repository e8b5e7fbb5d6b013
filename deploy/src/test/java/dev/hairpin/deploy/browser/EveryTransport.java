package dev.hairpin.deploy.browser;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import dev.hairpin.turnserver.server.TurnServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What `hairpin serve` runs, with a listener of each transport and HTTPS on that for TLS.
record EveryTransport(Servers servers, URI page) implements AutoCloseable {
  static final String API_KEY = "key-of-the-transport-tests";

  static EveryTransport start(TestAuthority authority, Path folder) throws IOException {
    Files.writeString(folder.resolve("api-key"), API_KEY);
    var file =
        Files.writeString(
            folder.resolve("hairpin.yml"),
            """
            listen:
              - udp://127.0.0.1:0
              - tcp://127.0.0.1:0
              - tls://127.0.0.1:0
              - dtls://127.0.0.1:0
            tls:
              certificate: %s
              key: %s
            api:
              listen: http://127.0.0.1:0
              https: shared
              key-file: api-key
              public-host: localhost
            """
                .formatted(authority.chain(), authority.key()));
    var given = Configuration.read(file, HairpinKeys.ALL);
    var plan = Plan.of(Plan.fill(given, _ -> Optional.empty(), folder.resolve("data")));
    var servers = Servers.start(plan);
    return new EveryTransport(servers, servers.urls(plan).getFirst().resolve("/"));
  }

  TurnServer turn() {
    return servers.turn().orElseThrow();
  }

  @Override
  public void close() {
    servers.close();
  }
}
