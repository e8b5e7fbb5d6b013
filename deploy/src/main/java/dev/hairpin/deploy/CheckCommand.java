package dev.hairpin.deploy;

import dev.hairpin.deploy.check.NatReport;
import dev.hairpin.deploy.check.Probe;
import dev.hairpin.deploy.check.Trust;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.HttpForms;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `hairpin check`.
@Command(
    name = "check",
    description = {
      "Tests running servers as a client would: asks the API for credentials, then each server that"
          + " it hands out: for a STUN Binding, or for two TURN allocations and data between them.",
      "With --nat, finds out what kind of NAT is between this machine and a server (RFC 5780).",
      "",
      "Exit code 0 if all of it worked, 1 otherwise.",
      ""
    })
final class CheckCommand implements Callable<Integer> {
  private static final int MAX_PORT = 65_535;

  private final PrintWriter out;
  private final Charset terminal;

  @Mixin private final FileOptions files = new FileOptions();

  @Option(
      names = "--api",
      paramLabel = "URL",
      description = "The API, like https://turn.example.org; the default is api.listen.")
  private @Nullable String api;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Its first line is the API key.")
  private @Nullable String apiKeyFile;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "PEM certificates of authorities to trust, besides those that Java knows.")
  private @Nullable Path trust;

  @Option(
      names = "--nat",
      paramLabel = "URL",
      description = "A server like stun:turn.example.org:3478; nothing else is tested then.")
  private @Nullable String nat;

  CheckCommand(PrintWriter out, Charset terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (nat != null) {
      return report(nat).run() ? 0 : 1;
    }
    var given =
        FileOptions.override(
            files.configuration(), HairpinKeys.API_KEY_FILE, "--api-key-file", apiKeyFile);
    var configuration = FileOptions.fill(given);
    var url = api == null ? ownApi(configuration) : baseUrl("--api", api);
    if (configuration.find(HairpinKeys.API_KEY_FILE).isEmpty()) {
      throw new ConfigException("an API key is needed; name its file by --api-key-file");
    }
    var keys = SecretFile.read(configuration, HairpinKeys.API_KEY_FILE).lines();
    LogManager.getLogManager().reset(); // the client's library has much to say
    return new Probe(url, keys.getFirst(), trusting(trust), out, terminal).run() ? 0 : 1;
  }

  private NatReport report(String server) {
    try {
      return new NatReport(server, out);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--nat: " + e.getMessage());
    }
  }

  /// What `--trust` asks for.
  static SSLContext trusting(@Nullable Path authorities) {
    try {
      return Trust.of(authorities);
    } catch (IOException e) {
      throw new ConfigException("--trust: cannot read " + authorities + ": " + FileProblem.of(e));
    }
  }

  /// The API of a server that runs here; one that listens everywhere is reached by loopback.
  private static URI ownApi(Configuration configuration) {
    var listen = configuration.one(HairpinKeys.API_LISTEN);
    var ip = HttpForms.addressOf(listen).ip();
    String loopback = ip.isIpv4() ? "127.0.0.1" : "[::1]";
    return ip.isUnspecified() ? URI.create("http://" + loopback + ":" + listen.getPort()) : listen;
  }

  /// The URL of an API, without a slash at its end.
  static URI baseUrl(String flag, String text) {
    try {
      var url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      boolean port = url.getPort() <= MAX_PORT;
      if (http && port && url.getHost() != null && url.getRawQuery() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new ConfigException(
        flag + ": '" + text + "' is not a URL; write one like http://127.0.0.1:8080");
  }
}
