package dev.hairpin.deploy;

import dev.hairpin.bench.Credentials;
import dev.hairpin.bench.Credentials.Login;
import dev.hairpin.bench.Target;
import dev.hairpin.deploy.check.ApiClient;
import dev.hairpin.deploy.check.CheckException;
import dev.hairpin.deploy.check.IceServers;
import dev.hairpin.deploy.check.IceUrl;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.serve.HairpinKeys;
import dev.hairpin.deploy.serve.Plan;
import dev.hairpin.deploy.serve.StartException;
import dev.hairpin.turnserver.net.Transport;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which servers a bench is about, and what opens them.
final class BenchServers {
  /// A user's quota holds for each of these.
  private static final int CLIENTS_A_LOGIN = 32;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description =
          "Like turn:192.0.2.1:3478?transport=udp or turns:turn.example.org; may be left out with"
              + " --rest-url.")
  private @Nullable String url;

  @Option(names = "--name", paramLabel = "NAME", description = "What the results call it.")
  private @Nullable String name;

  @Option(names = "--user", paramLabel = "NAME", description = "A user of the server.")
  private @Nullable String user;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "Its first line is the user's password.")
  private @Nullable String passwordFile;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "Its first line is the secret that time-limited credentials are made with.")
  private @Nullable String secretFile;

  @Option(
      names = "--rest-url",
      paramLabel = "URL",
      description = "An API that hands out URLs and credentials, as that of hairpin check.")
  private @Nullable String restUrl;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Its first line is the API key.")
  private @Nullable String apiKeyFile;

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "The server's process on this machine, for its CPU and memory (Linux).")
  private long pid;

  @Option(names = "--versus", paramLabel = "URL", description = "A second server, to compare.")
  private @Nullable String versus;

  @Option(names = "--versus-name", paramLabel = "NAME", description = "What the results call it.")
  private @Nullable String versusName;

  @Option(
      names = "--versus-user",
      paramLabel = "NAME",
      description = "Its user; without any credential, those of the first are used.")
  private @Nullable String versusUser;

  @Option(
      names = "--versus-password-file",
      paramLabel = "FILE",
      description = "Its user's password.")
  private @Nullable String versusPasswordFile;

  @Option(names = "--versus-secret-file", paramLabel = "FILE", description = "Its secret.")
  private @Nullable String versusSecretFile;

  @Option(names = "--versus-pid", paramLabel = "PID", description = "Its process.")
  private long versusPid;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "PEM certificates of authorities to trust, besides those that Java knows.")
  private @Nullable Path trust;

  @Option(
      names = "--insecure",
      description = "Accept any certificate. What is sent and the credential may be read then.")
  private boolean insecure;

  /// @param ttl how long credentials are to last
  List<Target> targets(int clients, Duration ttl) throws InterruptedException {
    refuseUnused();
    var context = trusted();
    var targets = new ArrayList<Target>();
    if (restUrl != null) {
      targets.add(byRest(restUrl, clients, context));
    } else if (url != null) {
      targets.add(target(name, url, credentials(ttl), pid, context));
    } else {
      throw new ConfigException("which server? Write a URL like turn:127.0.0.1:3478");
    }
    if (versus != null) {
      boolean own = versusUser != null || versusPasswordFile != null || versusSecretFile != null;
      var credentials =
          own
              ? credentials("--versus-", versusUser, versusPasswordFile, versusSecretFile, ttl)
              : targets.getFirst().credentials();
      targets.add(target(versusName, versus, credentials, versusPid, context));
    }
    return targets;
  }

  /// What would be passed over is a mistake, be it in this option or in another.
  private void refuseUnused() {
    boolean login = user != null || passwordFile != null;
    boolean second = versusName != null || versusUser != null || versusPasswordFile != null;
    if (restUrl != null && (login || secretFile != null)) {
      throw new ConfigException(
          "--rest-url hands out credentials; leave it out, or --user, --password-file and"
              + " --secret-file");
    }
    if (restUrl == null && apiKeyFile != null) {
      throw new ConfigException("--api-key-file is for an API; name its URL by --rest-url");
    }
    if (versus == null && (second || versusSecretFile != null || versusPid != 0)) {
      throw new ConfigException("which second server? Name its URL by --versus");
    }
  }

  private Credentials credentials(Duration ttl) {
    return credentials("--", user, passwordFile, secretFile, ttl);
  }

  private static Credentials credentials(
      String prefix,
      @Nullable String user,
      @Nullable String passwordFile,
      @Nullable String secretFile,
      Duration ttl) {
    if (secretFile != null && (user != null || passwordFile != null)) {
      throw new ConfigException(
          prefix + "secret-file makes users of its own; leave it out, or " + prefix + "user");
    }
    if (secretFile != null) {
      var file = configuration(TurnKeys.SECRET_FILE, prefix + "secret-file", secretFile);
      var lines = SecretFile.read(file, TurnKeys.SECRET_FILE).lines();
      return Credentials.secret(Plan.secrets(file, lines), ttl);
    }
    if (user == null || passwordFile == null) {
      throw new ConfigException(
          "a credential is needed: "
              + prefix
              + "user with "
              + prefix
              + "password-file, or "
              + prefix
              + "secret-file");
    }
    return Credentials.user(user, firstLine(prefix + "password-file", passwordFile));
  }

  private static String firstLine(String flag, String path) {
    var key = HairpinKeys.API_KEY_FILE;
    return SecretFile.read(configuration(key, flag, path), key).lines().getFirst();
  }

  private static Configuration configuration(Key<Path> key, String flag, String path) {
    return FileOptions.override(Configuration.of(HairpinKeys.ALL), key, flag, path);
  }

  private Target byRest(String rest, int clients, SSLContext context) throws InterruptedException {
    if (apiKeyFile == null) {
      throw new ConfigException("--rest-url needs an API key; name its file by --api-key-file");
    }
    var base = CheckCommand.baseUrl("--rest-url", rest);
    var api = new ApiClient(base, firstLine("--api-key-file", apiKeyFile), context);
    var logins = new ArrayList<Login>();
    String found = url;
    try {
      for (int i = 0; i * CLIENTS_A_LOGIN < clients; i++) {
        var server = relayOf(api.fetch("hairpin-bench-" + i));
        found = found == null ? server.url().text() : found;
        logins.add(
            new Login(String.valueOf(server.username()), String.valueOf(server.credential())));
      }
    } catch (CheckException e) {
      throw new StartException(e.getMessage() + "; " + e.hint());
    }
    return target(name, String.valueOf(found), Credentials.shared(logins), pid, context);
  }

  /// The first that is spoken here.
  private static IceServers.Server relayOf(IceServers handedOut) {
    return handedOut.servers().stream()
        .filter(server -> server.url().relays() && server.credential() != null)
        .filter(server -> server.url().transport() != Transport.DTLS)
        .findFirst()
        .orElseThrow(() -> new StartException("the API hands out no URL that is spoken here"));
  }

  private Target target(
      @Nullable String name, String text, Credentials credentials, long pid, SSLContext context) {
    var url = IceUrl.parse(text);
    if (url == null || !url.relays()) {
      throw new ConfigException(
          "'" + text + "' is no TURN URL; write one like turn:192.0.2.1:3478?transport=udp");
    }
    InetSocketAddress address;
    try {
      address = url.resolve();
    } catch (CheckException e) {
      throw new StartException(e.getMessage() + "; is the name right?");
    }
    String called = name == null ? url.host() + ":" + url.port() : name;
    try {
      return new Target(
          called,
          text,
          url.transport(),
          address,
          url.transport() == Transport.TLS ? () -> engine(context, url) : null,
          credentials,
          pid);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private SSLEngine engine(SSLContext context, IceUrl url) {
    var engine = context.createSSLEngine(url.host(), url.port());
    engine.setUseClientMode(true);
    if (!insecure) {
      var parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
    }
    return engine;
  }

  private SSLContext trusted() {
    if (!insecure) {
      return CheckCommand.trusting(trust);
    }
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }
}
