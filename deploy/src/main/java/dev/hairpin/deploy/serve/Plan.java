package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.ApiTenant;
import dev.hairpin.credentialapi.Callers;
import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.Tokens;
import dev.hairpin.credentialapi.Tokens.Jwks;
import dev.hairpin.credentialapi.Traffic;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.credentialapi.WebhookSettings;
import dev.hairpin.credentialapi.auth.KeyRing;
import dev.hairpin.credentialapi.storage.Database;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.LocalAddresses;
import dev.hairpin.deploy.config.SecretFile;
import dev.hairpin.deploy.config.TurnConfig;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings.Mode;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.server.TurnSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a start will do, checked as a whole before anything is bound.
///
/// @param configuration with all that was found on this machine
/// @param tenants who share the server
/// @param callers who may use the API; null where this process has none
/// @param webhooks whom the API tells of sessions
/// @param database where usage is stored; null where it is not
/// @param warnings what is unsafe, in words for the operator
public record Plan(
    Configuration configuration,
    SharedSecrets secrets,
    List<TenantFile> tenants,
    @Nullable Callers callers,
    WebhookSettings webhooks,
    @Nullable Database database,
    List<String> warnings) {
  /// The configuration with everything filled in that nobody wrote; touches nothing.
  public static Configuration fill(Configuration given, LocalAddresses local, Path dataDirectory) {
    return TurnConfig.withFoundAddresses(DataDirectory.fill(given, dataDirectory), local);
  }

  /// Makes missing secrets, reads all of them and checks what goes together.
  public static Plan of(Configuration configuration) {
    return of(configuration, true);
  }

  /// Checks a configuration that is to follow another one. Makes nothing: a file of secrets that
  /// has gone since is missed.
  static Plan following(Configuration configuration) {
    return of(configuration, false);
  }

  private static Plan of(Configuration configuration, boolean makesFiles) {
    var roles = Set.copyOf(configuration.all(HairpinKeys.ROLES));
    boolean issues = configuration.one(TurnKeys.MODE) != Mode.STUN_ONLY;
    if (roles.contains(Role.API)) {
      requireSomethingToIssue(configuration, issues);
      requireListenerForHttps(configuration, roles);
    }
    if (issues && roles.size() < Role.values().length) {
      requireShared(configuration, roles);
    }
    var warnings = new ArrayList<String>();
    var reader = new SecretReader(configuration, makesFiles, warnings);
    configuration
        .all(TurnKeys.TLS_KEYS)
        .forEach(key -> reader.judge(TurnKeys.TLS_KEYS, SecretFile.faultsOfKey(key)));
    var secrets = secrets(configuration, reader.read(TurnKeys.SECRET_FILE));
    var tenants = TenantFile.readAll(secrets, reader);
    var callers = roles.contains(Role.API) ? callers(reader) : null;
    var webhooks = callers == null ? WebhookSettings.NONE : webhooks(reader);
    var database = StoredUsage.database(reader);
    var plan = new Plan(configuration, secrets, tenants, callers, webhooks, database, warnings);
    if (roles.contains(Role.TURN)) {
      var settings = plan.turnSettings(List.of());
      warnings.addAll(settings.policy().warnings());
      for (var tenant : settings.tenants()) {
        tenant.policy().warnings().stream()
            .filter(warning -> !settings.policy().warnings().contains(warning))
            .forEach(warning -> warnings.add(tenant.tenant().name() + ": " + warning));
      }
    }
    if (callers != null) {
      plan.apiSettings(configuration.one(HairpinKeys.API_LISTEN), callers, plan.listeners(), null);
      warnOfClearText(configuration.one(HairpinKeys.API_LISTEN), warnings);
      warnOfNamelessUrls(configuration, warnings);
    }
    return plan;
  }

  /// The same, whose tenants have what they share from another configuration: the one in force.
  Plan beside(Configuration inForce) {
    var reader = new SecretReader(inForce, false, new ArrayList<>());
    var theirs = TenantFile.readAll(secrets, reader);
    return new Plan(configuration, secrets, theirs, callers, webhooks, database, warnings);
  }

  boolean servesTurn() {
    return configuration.all(HairpinKeys.ROLES).contains(Role.TURN);
  }

  /// Where clients are served, before the system has chosen any port.
  List<ListenUrl> listeners() {
    return configuration.all(TurnKeys.LISTEN);
  }

  /// Whether the API also answers at the TURN server's TLS listeners.
  boolean sharesTls() {
    return callers != null && configuration.one(HairpinKeys.API_HTTPS) == Https.SHARED;
  }

  /// Settings of the TURN server.
  ///
  /// @param ownAddresses further listeners of this process
  TurnSettings turnSettings(List<TransportAddress> ownAddresses) {
    var own = TurnConfig.settings(configuration, secrets, ownAddresses);
    return own.but(
        d -> d.tenants = tenants.stream().map(t -> t.turn(own.policy(), own.quotas())).toList());
  }

  /// Settings of the API.
  ///
  /// @param listen where the API answers
  /// @param listeners of the TURN server, with the ports that are really in use
  /// @param book of usernames that the TURN server in this process is asked for by hash; or null
  ApiSettings apiSettings(
      URI listen, Callers allowed, List<ListenUrl> listeners, @Nullable IssuedUsernames book) {
    var urls = HandedOutUrls.of(configuration, listeners);
    return new ApiSettings(
            listen,
            allowed,
            ttl(),
            configuration.all(HairpinKeys.API_CORS_ORIGINS),
            urls.stun(),
            urls.turn(),
            Set.copyOf(configuration.all(HairpinKeys.API_COMPATIBILITY)),
            apiTenants(listeners, book))
        .withTraffic(traffic())
        .withWebhooks(webhooks)
        .withRooms(
            new RoomSettings(
                configuration.one(HairpinKeys.API_ROOMS),
                configuration.one(HairpinKeys.API_ROOM_SIZE)))
        .withRevokedFile(configuration.one(HairpinKeys.DATA_DIR).resolve(DataDirectory.REVOKED));
  }

  private Traffic traffic() {
    return new Traffic(
        configuration.one(HairpinKeys.API_RATE_KEYS),
        configuration.one(HairpinKeys.API_RATE_SUBJECTS),
        configuration.one(HairpinKeys.API_RATE_PAGES),
        configuration.one(HairpinKeys.API_RATE_FAILURES),
        configuration.all(HairpinKeys.API_TRUSTED_PROXIES));
  }

  /// The tenants, as the API knows them.
  List<ApiTenant> apiTenants(List<ListenUrl> listeners, @Nullable IssuedUsernames book) {
    return tenants.stream().map(tenant -> tenant.api(listeners, book)).toList();
  }

  private static void requireSomethingToIssue(Configuration configuration, boolean issues) {
    if (!issues) {
      throw configuration.wrong(
          TurnKeys.MODE,
          "STUN needs no credentials, so there is nothing for the API to issue",
          "write roles: turn");
    }
  }

  private static void requireListenerForHttps(Configuration configuration, Set<Role> roles) {
    boolean fits =
        roles.contains(Role.TURN)
            && configuration.all(TurnKeys.LISTEN).stream()
                .anyMatch(l -> l.transport() == Transport.TLS);
    if (configuration.one(HairpinKeys.API_HTTPS) == Https.SHARED && !fits) {
      throw configuration.wrong(
          HairpinKeys.API_HTTPS,
          "no TLS listener of this process is there to be shared",
          "add one like tls://0.0.0.0:443 to listen, with tls.certificate and tls.key");
    }
  }

  /// Processes that run apart must be told what they share.
  private static void requireShared(Configuration configuration, Set<Role> roles) {
    if (!configuration.isWritten(TurnKeys.SECRET_FILE)) {
      throw configuration.wrong(
          HairpinKeys.ROLES,
          "TURN and API run apart and share no secret",
          "name a file with the same secrets in both by secret-file");
    }
    if (!roles.contains(Role.TURN) && !configuration.isWritten(HairpinKeys.API_PUBLIC_HOST)) {
      throw configuration.wrong(
          HairpinKeys.ROLES,
          "the API does not know where the TURN server is",
          "name its host by api.public-host and its ports by listen");
    }
  }

  /// The secrets on these lines of the secret file.
  public static SharedSecrets secrets(Configuration configuration, List<String> lines) {
    return configuration.blaming(
        TurnKeys.SECRET_FILE, "keep those that are in use", () -> SharedSecrets.parse(lines));
  }

  private static WebhookSettings webhooks(SecretReader reader) {
    var urls = reader.configuration().all(HairpinKeys.API_WEBHOOKS);
    var secrets = reader.read(HairpinKeys.API_WEBHOOK_SECRET_FILE);
    return reader
        .configuration()
        .blaming(
            HairpinKeys.API_WEBHOOKS,
            "name a file with such a secret by api.webhook-secret-file",
            () -> new WebhookSettings(urls, secrets));
  }

  private static Callers callers(SecretReader reader) {
    var configuration = reader.configuration();
    var keys = reader.read(HairpinKeys.API_KEY_FILE);
    var jwtSecrets = reader.read(HairpinKeys.API_JWT_SECRET_FILE);
    String remedy = "make a new one: openssl rand -hex 32";
    if (!keys.isEmpty()) { // alone first, so that the right file is blamed
      configuration.blaming(HairpinKeys.API_KEY_FILE, remedy, () -> new Callers(keys, List.of()));
    }
    var ring = configuration.one(HairpinKeys.API_KEY_RING);
    configuration.blaming(
        HairpinKeys.API_KEY_RING,
        "restore the line, or remove it and make its key anew",
        () -> KeyRing.open(ring, InstantSource.system()));
    var jwks =
        configuration
            .find(HairpinKeys.API_JWKS_URL)
            .map(
                url ->
                    new Jwks(url, Set.copyOf(configuration.all(HairpinKeys.API_JWT_ALGORITHMS))));
    if (jwks.isPresent()) {
      requireBoth(configuration);
    }
    return configuration.blaming(
        HairpinKeys.API_JWT_SECRET_FILE,
        remedy,
        () ->
            new Callers(
                keys,
                new Tokens(
                    jwtSecrets,
                    jwks.orElse(null),
                    configuration.find(HairpinKeys.API_JWT_ISSUER).orElse(null),
                    configuration.find(HairpinKeys.API_JWT_AUDIENCE).orElse(null),
                    claims(configuration)),
                ring));
  }

  /// An issuer signs tokens for other services too.
  private static void requireBoth(Configuration configuration) {
    if (configuration.find(HairpinKeys.API_JWT_ISSUER).isEmpty()
        || configuration.find(HairpinKeys.API_JWT_AUDIENCE).isEmpty()) {
      throw configuration.wrong(
          HairpinKeys.API_JWKS_URL,
          "whose keys these are, and for whom its tokens must be, is not said",
          "write api.jwt-issuer and api.jwt-audience");
    }
  }

  private static Tokens.Claims claims(Configuration configuration) {
    return new Tokens.Claims(
        configuration.find(HairpinKeys.API_JWT_CLAIMS_SCOPES).orElse(null),
        configuration.find(HairpinKeys.API_JWT_CLAIMS_TENANT).orElse(null),
        configuration.find(HairpinKeys.API_JWT_CLAIMS_TTL).orElse(null),
        configuration.find(HairpinKeys.API_JWT_CLAIMS_LIMITS).orElse(null));
  }

  private TtlRange ttl() {
    var min = configuration.one(HairpinKeys.API_TTL_MIN);
    var standard = configuration.one(HairpinKeys.API_TTL_DEFAULT);
    var max = configuration.one(HairpinKeys.API_TTL_MAX);
    if (max.compareTo(configuration.one(TurnKeys.MAX_CREDENTIAL_TTL)) > 0) {
      throw configuration.wrong(
          configuration.firstWritten(HairpinKeys.API_TTL_MAX, TurnKeys.MAX_CREDENTIAL_TTL),
          "the TURN server would refuse credentials of the longest ttl",
          "lower api.ttl.max or raise auth.max-credential-ttl");
    }
    return configuration.blaming(
        configuration.firstWritten(
            HairpinKeys.API_TTL_DEFAULT, HairpinKeys.API_TTL_MIN, HairpinKeys.API_TTL_MAX),
        "put api.ttl.min, api.ttl.default and api.ttl.max into this order",
        () -> new TtlRange(standard, min, max));
  }

  private static void warnOfNamelessUrls(Configuration configuration, List<String> warnings) {
    var encrypted =
        configuration.all(TurnKeys.LISTEN).stream().anyMatch(l -> l.transport().isEncrypted());
    if (encrypted && configuration.find(HairpinKeys.API_PUBLIC_HOST).isEmpty()) {
      warnings.add(
          "turns: URLs are handed out with an address, and certificates mostly bear names: clients"
              + " will refuse them unless api.public-host tells the name");
    }
  }

  private static void warnOfClearText(URI listen, List<String> warnings) {
    if (!HttpForms.addressOf(listen).ip().isLoopback()) {
      warnings.add(
          listen
              + " is plain HTTP and reaches beyond this machine: keys travel in the clear unless a"
              + " proxy speaks TLS in front of it");
    }
  }
}
