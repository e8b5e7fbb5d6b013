package dev.hairpin.deploy;

import static dev.hairpin.deploy.FileOptions.override;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.serve.HairpinKeys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that override the file.
final class ServeOptions {
  @Mixin private final FileOptions files = new FileOptions();

  @Option(
      names = "--realm",
      paramLabel = "NAME",
      description = "Realm that clients are challenged with.")
  private @Nullable String realm;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "Secrets that credentials are made with, one a line, newest first.")
  private @Nullable String secretFile;

  @Option(
      names = "--listen",
      paramLabel = "URL",
      description =
          "Where clients are served, like udp://127.0.0.1:3478, tls://[::]:443. Repeatable.")
  private List<String> listen = new ArrayList<>();

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "PEM file with a certificate and its chain, for tls:// and dtls://. Repeatable.")
  private List<String> tlsCertificates = new ArrayList<>();

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "PEM file with its private key. Repeatable, in the same order.")
  private List<String> tlsKeys = new ArrayList<>();

  @Option(
      names = "--external-address",
      paramLabel = "IP",
      description = "What clients are told behind a one-to-one NAT, like 203.0.113.7. Repeatable.")
  private List<String> externalAddresses = new ArrayList<>();

  @Option(
      names = "--relay-ports",
      paramLabel = "PORTS",
      description = "Ports to relay from, like 49152-65535.")
  private @Nullable String relayPorts;

  @Option(
      names = "--allow-peer",
      paramLabel = "CIDR",
      description = "Private range that clients may reach. Repeatable.")
  private List<String> allowedPeers = new ArrayList<>();

  @Option(
      names = "--api",
      paramLabel = "URL",
      description = "Where the API answers, like http://127.0.0.1:8080.")
  private @Nullable String api;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Keys that callers of the API show, one a line.")
  private @Nullable String apiKeyFile;

  @Option(
      names = "--unsafe",
      paramLabel = "WHAT",
      description = "Accept weak-secrets or open-secret-files. Repeatable.")
  private List<String> unsafe = new ArrayList<>();

  /// The file, then the command line, then what is found on this machine.
  Configuration effective() {
    var given = files.configuration();
    given = override(given, TurnKeys.REALM, "--realm", realm);
    given = override(given, TurnKeys.SECRET_FILE, "--secret-file", secretFile);
    given = override(given, TurnKeys.LISTEN, "--listen", listen);
    given = override(given, TurnKeys.TLS_CERTIFICATES, "--tls-certificate", tlsCertificates);
    given = override(given, TurnKeys.TLS_KEYS, "--tls-key", tlsKeys);
    given = override(given, TurnKeys.EXTERNAL_ADDRESS, "--external-address", externalAddresses);
    given = override(given, TurnKeys.RELAY_PORTS, "--relay-ports", relayPorts);
    given = override(given, TurnKeys.PEERS_ALLOW, "--allow-peer", allowedPeers);
    given = override(given, HairpinKeys.API_LISTEN, "--api", api);
    given = override(given, HairpinKeys.API_KEY_FILE, "--api-key-file", apiKeyFile);
    given = override(given, HairpinKeys.UNSAFE, "--unsafe", unsafe);
    return FileOptions.fill(given);
  }
}
