package dev.hairpin.deploy;

import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.Servers;
import dev.hairpin.deploy.serve.TenantFile;
import dev.hairpin.turnserver.net.ListenUrl;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What an operator reads after a start: one screen, no secret.
final class Summary {
  private final Configuration configuration;
  private final List<TenantFile> tenants;
  private final StringBuilder out = new StringBuilder();

  private Summary(Plan plan) {
    this.configuration = plan.configuration();
    this.tenants = plan.tenants();
  }

  static String of(Plan plan, Servers servers) {
    var summary = new Summary(plan);
    summary.out.append("Hairpin ").append(Version.text()).append(" is running.\n\n");
    servers.turn().ifPresent(turn -> summary.turn(turn.listeners()));
    servers.api().ifPresent(api -> summary.api(servers.urls(plan)));
    summary.files();
    servers.api().ifPresent(api -> summary.tryIt(api.url()));
    return summary.out.toString();
  }

  private void turn(List<ListenUrl> listeners) {
    rows(servedHalf(), listeners.stream().map(ListenUrl::toString).toList());
    row(
        "relays from",
        joined(configuration.all(TurnKeys.RELAY_ADDRESSES))
            + ", ports "
            + configuration.one(TurnKeys.RELAY_PORTS));
    var external = configuration.all(TurnKeys.EXTERNAL_ADDRESS);
    if (!external.isEmpty()) {
      row("known as", joined(external));
    }
    row("realm", configuration.one(TurnKeys.REALM));
    if (!tenants.isEmpty()) {
      row("tenants", tenants.stream().map(TenantFile::name).collect(Collectors.joining(", ")));
    }
  }

  private void api(List<URI> urls) {
    rows("API", urls.stream().map(url -> url + "/v1/ice-servers").toList());
    rows("web page", urls.stream().map(url -> url + "/").toList());
    if (configuration.one(HairpinKeys.API_ROOMS)) {
      rows("call page", urls.stream().map(url -> url + "/call.html").toList());
    }
  }

  private void files() {
    row("secrets", configuration.one(TurnKeys.SECRET_FILE).toString());
    keyFile().ifPresent(file -> row("API keys", file.toString()));
  }

  private void tryIt(URI url) {
    keyFile()
        .ifPresent(
            file ->
                out.append("\nAsk for ICE servers:\n\n  ")
                    .append("curl -s -H \"Authorization: Bearer $(")
                    .append(firstLineOf(file))
                    .append(")\" -X POST ")
                    .append(url)
                    .append("/v1/ice-servers\n"));
    out.append("\nTest it:  hairpin check").append(checkOptions(url)).append("\n");
    out.append("Stop it:  ctrl-C\n");
  }

  /// What check cannot know by itself.
  private String checkOptions(URI url) {
    boolean usualUrl = HairpinKeys.API_LISTEN.defaults().contains(url);
    boolean usualFile =
        !configuration.isWritten(HairpinKeys.DATA_DIR)
            && !configuration.isWritten(HairpinKeys.API_KEY_FILE);
    String api = usualUrl ? "" : " --api " + url;
    return usualFile ? api : api + keyFile().map(f -> " --api-key-file " + quoted(f)).orElse("");
  }

  /// A file of the operator's may hold comments and several keys.
  private String firstLineOf(Path file) {
    boolean ours = !configuration.isWritten(HairpinKeys.API_KEY_FILE);
    return (ours ? "cat " : "grep -m1 '^[^#]' ") + quoted(file);
  }

  private Optional<Path> keyFile() {
    return configuration.find(HairpinKeys.API_KEY_FILE);
  }

  private String servedHalf() {
    return switch (configuration.one(TurnKeys.MODE)) {
      case STUN_AND_TURN -> "STUN, TURN";
      case STUN_ONLY -> "STUN";
      case TURN_ONLY -> "TURN";
    };
  }

  private void rows(String label, List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      row(i == 0 ? label : "", texts.get(i));
    }
  }

  private void row(String label, String text) {
    out.append("  %-12s %s\n".formatted(label, text));
  }

  private static String joined(List<?> addresses) {
    return addresses.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /// Fit for a shell.
  private static String quoted(Path file) {
    String text = file.toString();
    return text.matches("[A-Za-z0-9/._~+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
