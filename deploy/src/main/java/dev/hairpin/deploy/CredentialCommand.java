package dev.hairpin.deploy;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.Origin;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.HandedOutUrls;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.TenantFile;
import dev.hairpin.turnserver.credential.Credential;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.UserId;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `hairpin credential`.
@Command(
    name = "credential",
    description = {
      "Mints a time-limited credential; needs no running server.",
      "",
      "Whoever can read the secret can do this, so its file is for the owner alone.",
      ""
    })
final class CredentialCommand implements Callable<Integer> {
  private final PrintWriter out;

  @Mixin private final FileOptions files = new FileOptions();

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "Secrets that the server knows; the first is used.")
  private @Nullable String secretFile;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Whom it is for; becomes part of the username.")
  private String user = "";

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      description = "How long it lasts, like 300s, 10m or 24h; the default is api.ttl.default.")
  private @Nullable String ttl;

  @Option(
      names = "--limits",
      paramLabel = "LIMITS",
      defaultValue = "",
      description = "What it is for, like 'allocations=2;bytes=1000000'; see docs/credentials.md.")
  private String limits = "";

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Whose it is: the tenant with the file NAME.yml in tenants-dir.")
  private @Nullable String tenant;

  @Option(names = "--json", description = "Print an iceServers answer as the API gives it.")
  private boolean json;

  CredentialCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    var given =
        FileOptions.override(
            files.configuration(), TurnKeys.SECRET_FILE, "--secret-file", secretFile);
    var configuration = FileOptions.fill(given);
    if (tenant != null && secretFile != null) {
      throw new ConfigException(
          "--secret-file: a tenant's secrets are named in its file; leave one of the two out");
    }
    var file = tenant == null ? null : TenantFile.read(configuration, tenant);
    var lifetime = lifetime(configuration, file);
    var issuer =
        file == null
            ? new CredentialIssuer(Plan.secrets(configuration, secrets(configuration).lines()))
            : new CredentialIssuer(file.tenant(), null);
    var credential = issue(issuer, lifetime);
    var listeners = configuration.all(TurnKeys.LISTEN);
    var urls = file == null ? HandedOutUrls.of(configuration, listeners) : file.urls(listeners);
    out.print(json ? IceServersJson.write(urls, credential, lifetime) : text(credential));
    out.flush();
    return 0;
  }

  private static SecretFile secrets(Configuration configuration) {
    var file = configuration.one(TurnKeys.SECRET_FILE);
    if (!configuration.isWritten(TurnKeys.SECRET_FILE) && !Files.exists(file)) {
      throw new ConfigException(
          "there is no secret yet in "
              + file
              + "; start hairpin serve once, or name a file by --secret-file");
    }
    return SecretFile.read(configuration, TurnKeys.SECRET_FILE);
  }

  private Credential issue(CredentialIssuer issuer, Duration lifetime) {
    var id = userId();
    try {
      return issuer.issue(id, CredentialScope.parse(limits), lifetime, Instant.now());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          "--limits: " + e.getMessage() + "; docs/credentials.md says what can stand here");
    }
  }

  private UserId userId() {
    try {
      return new UserId(user);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--user: " + e.getMessage() + "; choose another name");
    }
  }

  private Duration lifetime(Configuration configuration, @Nullable TenantFile file) {
    var max = configuration.one(TurnKeys.MAX_CREDENTIAL_TTL);
    if (ttl == null) {
      var standard =
          file == null ? configuration.one(HairpinKeys.API_TTL_DEFAULT) : file.ttl().standard();
      return standard.compareTo(max) < 0 ? standard : max;
    }
    return Format.duration(Duration.ofSeconds(1), max).read(ttl, new Origin.Flag("--ttl"), "");
  }

  private static String text(Credential credential) {
    return """
    username    %s
    credential  %s
    expires     %s
    """
        .formatted(credential.username(), credential.password(), credential.expiresAt());
  }
}
