package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.Rate;
import dev.hairpin.credentialapi.RoomSettings;
import dev.hairpin.credentialapi.Traffic;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.KeySet;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.deploy.config.Unsafe;
import dev.hairpin.turnserver.net.IpPrefix;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// The keys of the program and of the API; with those of the TURN server, all that `hairpin.yml`
/// may hold.
public final class HairpinKeys {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration YEAR = Duration.ofDays(365);

  public static final Key<Role> ROLES =
      Key.some("roles", Format.choice(Role.class), "What this process does.")
          .orElseAll(List.of(Role.TURN, Role.API));

  public static final Key<Path> DATA_DIR =
      Key.one(
              "data-dir",
              Format.FILE,
              "Holds what is made at the first start: the secret and an API key, for the owner"
                  + " alone.")
          .orElseFound("`$XDG_DATA_HOME/hairpin`, else `~/.local/share/hairpin`")
          .example(List.of(Path.of("/var/lib/hairpin")));

  public static final Key<Path> TENANTS_DIR =
      Key.one(
              "tenants-dir",
              Format.FILE,
              "A folder with a file NAME.yml for each tenant that shares this server; see"
                  + " tenants.md.")
          .example(List.of(Path.of("/etc/hairpin/tenants")));

  public static final Key<Duration> DRAIN_TIMEOUT =
      Key.one(
              "drain-timeout",
              Format.duration(Duration.ZERO, Duration.ofDays(1)),
              "How long SIGTERM and ctrl-C leave to the allocations that there are, while no new"
                  + " ones begin; it ends at once when none is left, or by a second signal.")
          .orElse(Duration.ofSeconds(5));

  public static final Key<Unsafe> UNSAFE =
      Key.list(
              "unsafe",
              Format.choice(Unsafe.class),
              "What is accepted that is refused otherwise: secrets that can be guessed, files of"
                  + " secrets that other users can read.")
          .example(List.of(Unsafe.WEAK_SECRETS));

  public static final Key<URI> API_LISTEN =
      Key.one(
              "api.listen",
              HttpForms.LISTENER,
              "Where the API answers in clear text; for callers elsewhere, see `api.https`.")
          .orElse(URI.create("http://127.0.0.1:8080"));

  public static final Key<Https> API_HTTPS =
      Key.one(
              "api.https",
              Format.choice(Https.class),
              "`shared` lets the API answer HTTPS as well, at every `tls://` listener and with its"
                  + " certificate: one port serves both. Metrics are told at `api.listen` alone.")
          .orElse(Https.OFF);

  public static final Key<Path> API_KEY_FILE =
      Key.one("api.key-file", Format.FILE, "Holds the keys that callers show, one a line.")
          .orElseFound(
              "`api-key` in the data directory, made at the first start; none where there is a"
                  + " `jwt-secret-file` or a `jwks-url`")
          .example(List.of(Path.of("/etc/hairpin/api-key")));

  public static final Key<Path> API_KEY_RING =
      Key.one(
              "api.key-ring",
              Format.FILE,
              "Keeps the hashes of the keys that `hairpin key` and `/v1/keys` make; read again when"
                  + " it changes.")
          .orElseFound("`api-keys` in the data directory")
          .example(List.of(Path.of("/var/lib/hairpin/api-keys")));

  public static final Key<Path> API_JWT_SECRET_FILE =
      Key.one(
              "api.jwt-secret-file",
              Format.FILE,
              "Holds the HS256 secrets of accepted JWTs, one a line, each at least 32 bytes.")
          .example(List.of(Path.of("/etc/hairpin/jwt-secret")));

  public static final Key<String> API_JWT_ISSUER =
      Key.one(
              "api.jwt-issuer",
              Format.TEXT,
              "Who must have issued a JWT: its claim `iss`, to the letter. Anybody by default.")
          .example(List.of("https://login.example.org"));

  public static final Key<String> API_JWT_AUDIENCE =
      Key.one(
              "api.jwt-audience",
              Format.TEXT,
              "For whom a JWT must be: its claim `aud`, or one of them. Anybody by default; name"
                  + " one where the same secret signs tokens for other services.")
          .example(List.of("turn.example.org"));

  public static final Key<URI> API_JWKS_URL =
      Key.one(
              "api.jwks-url",
              HttpForms.JWKS_URL,
              "Where the public keys of `api.jwt-issuer` are (RFC 7517): JWTs by them are accepted."
                  + " Needs `api.jwt-issuer` and `api.jwt-audience`.")
          .example(List.of(URI.create("https://login.example.org/jwks.json")));

  public static final Key<String> API_JWT_ALGORITHMS =
      Key.some(
              "api.jwt-algorithms",
              HttpForms.ALGORITHM,
              "What JWTs by the keys of `api.jwks-url` may be signed by.")
          .orElseAll(List.of("RS256", "ES256"));

  public static final Key<String> API_JWT_CLAIMS_SCOPES =
      Key.one(
              "api.jwt-claims.scopes",
              Format.TEXT,
              "The claim of a JWT that gives it the scopes `read` and `manage`, beside `issue`.")
          .example(List.of("scope"));

  public static final Key<String> API_JWT_CLAIMS_TENANT =
      Key.one("api.jwt-claims.tenant", Format.TEXT, "The claim of a JWT that names its tenant.")
          .example(List.of("tenant"));

  public static final Key<String> API_JWT_CLAIMS_TTL =
      Key.one(
              "api.jwt-claims.ttl",
              Format.TEXT,
              "The claim of a JWT that says how many seconds its credentials last at most.")
          .example(List.of("turn_ttl"));

  public static final Key<String> API_JWT_CLAIMS_LIMITS =
      Key.one(
              "api.jwt-claims.limits",
              Format.TEXT,
              "The claim of a JWT that limits its credentials, as in a username.")
          .example(List.of("turn_limits"));

  public static final Key<Duration> API_TTL_DEFAULT =
      Key.one(
              "api.ttl.default",
              Format.duration(SECOND, YEAR),
              "How long a credential lasts whose caller asks for nothing.")
          .orElse(TtlRange.DEFAULT.standard());

  public static final Key<Duration> API_TTL_MIN =
      Key.one(
              "api.ttl.min",
              Format.duration(SECOND, YEAR),
              "The shortest that a credential lasts, whatever the caller asks for.")
          .orElse(TtlRange.DEFAULT.min());

  public static final Key<Duration> API_TTL_MAX =
      Key.one(
              "api.ttl.max",
              Format.duration(SECOND, YEAR),
              "The longest that a credential lasts; at most `auth.max-credential-ttl`.")
          .orElse(TtlRange.DEFAULT.max());

  public static final Key<String> API_CORS_ORIGINS =
      Key.list(
              "api.cors-origins",
              HttpForms.ORIGIN,
              "Web pages of these origins may call the API from the browser.")
          .example(List.of("https://app.example.org"));

  public static final Key<Rate> API_RATE_KEYS =
      Key.one(
              "api.rate-limit.keys",
              HttpForms.RATE,
              "Calls a second, and at once, of each API key.")
          .orElse(Traffic.DEFAULT.keys());

  public static final Key<Rate> API_RATE_SUBJECTS =
      Key.one("api.rate-limit.subjects", HttpForms.RATE, "The same of each subject of JWTs.")
          .orElse(Traffic.DEFAULT.subjects());

  public static final Key<Rate> API_RATE_PAGES =
      Key.one(
              "api.rate-limit.pages",
              HttpForms.RATE,
              "The same of each address, or IPv6 /64, with each key for pages.")
          .orElse(Traffic.DEFAULT.pages());

  public static final Key<Rate> API_RATE_FAILURES =
      Key.one(
              "api.rate-limit.failures",
              HttpForms.RATE,
              "The same of each address, or IPv6 /64, with keys and tokens that are none; beyond it"
                  + " they get 429 in place of 401.")
          .orElse(Traffic.DEFAULT.failures());

  public static final Key<IpPrefix> API_TRUSTED_PROXIES =
      Key.list(
              "api.trusted-proxies",
              Format.PREFIX,
              "Proxies in front of the API whose `X-Forwarded-For` says who calls.")
          .example(List.of(IpPrefix.parse("127.0.0.1/32")));

  public static final Key<String> API_PUBLIC_HOST =
      Key.one(
              "api.public-host",
              HttpForms.HOST,
              "The host in the URLs that are handed out; for `turns:`, a name in the certificate.")
          .orElseFound("the external, listening or relay address")
          .example(List.of("turn.example.org"));

  public static final Key<Compatibility> API_COMPATIBILITY =
      Key.list(
              "api.compatibility",
              Format.choice(Compatibility.class),
              "Other APIs for TURN credentials that the API speaks beside its own; some take keys"
                  + " from the URL. See api.md.")
          .example(List.of(Compatibility.CLOUDFLARE));

  public static final Key<Boolean> API_ROOMS =
      Key.one(
              "api.rooms",
              Format.TRUTH,
              "Whether the API has rooms, in which pages find each other for calls; see"
                  + " signaling.md.")
          .orElse(RoomSettings.DEFAULT.areServed());

  public static final Key<Integer> API_ROOM_SIZE =
      Key.one(
              "api.room-size",
              Format.wholeNumber(RoomSettings.MIN_SIZE, RoomSettings.MAX_SIZE),
              "Participants of a room.")
          .orElse(RoomSettings.DEFAULT.size());

  public static final Key<String> STORAGE_URL =
      Key.one(
              "storage.url",
              StoredUsage.URL,
              "Where usage is stored: nowhere, in a file of the data directory, or in PostgreSQL."
                  + " See storage.md.")
          .orElse(StoredUsage.FILE);

  public static final Key<String> STORAGE_USER =
      Key.one("storage.user", Format.TEXT, "Whom PostgreSQL knows this process as.")
          .example(List.of("hairpin"));

  public static final Key<Path> STORAGE_PASSWORD_FILE =
      Key.one("storage.password-file", Format.FILE, "Holds the password for PostgreSQL.")
          .example(List.of(Path.of("/etc/hairpin/storage-password")));

  public static final Key<Duration> STORAGE_FLUSH =
      Key.one(
              "storage.flush",
              Format.duration(SECOND, Duration.ofHours(1)),
              "How often usage is written; a process that is killed loses as much.")
          .orElse(Duration.ofSeconds(5));

  public static final Key<Duration> STORAGE_RETENTION =
      Key.one(
              "storage.retention",
              Format.duration(Duration.ofDays(1), Duration.ofDays(36_500)),
              "How long usage is kept.")
          .orElse(Duration.ofDays(400));

  public static final Key<URI> API_WEBHOOKS =
      Key.list(
              "api.webhooks",
              HttpForms.WEBHOOK,
              "Who is told of every session that starts and ends; see api.md.")
          .example(List.of(URI.create("https://app.example.org/turn-events")));

  public static final Key<Path> API_WEBHOOK_SECRET_FILE =
      Key.one(
              "api.webhook-secret-file",
              Format.FILE,
              "Holds the secrets that messages to webhooks are signed with, one a line, each at"
                  + " least 32 bytes.")
          .example(List.of(Path.of("/etc/hairpin/webhook-secret")));

  public static final KeySet ALL =
      new KeySet(
          List.of(ROLES),
          TurnKeys.ALL,
          List.of(
              DATA_DIR,
              TENANTS_DIR,
              DRAIN_TIMEOUT,
              UNSAFE,
              API_LISTEN,
              API_HTTPS,
              API_KEY_FILE,
              API_KEY_RING,
              API_JWT_SECRET_FILE,
              API_JWT_ISSUER,
              API_JWT_AUDIENCE,
              API_JWKS_URL,
              API_JWT_ALGORITHMS,
              API_JWT_CLAIMS_SCOPES,
              API_JWT_CLAIMS_TENANT,
              API_JWT_CLAIMS_TTL,
              API_JWT_CLAIMS_LIMITS,
              API_TTL_DEFAULT,
              API_TTL_MIN,
              API_TTL_MAX,
              API_CORS_ORIGINS,
              API_RATE_KEYS,
              API_RATE_SUBJECTS,
              API_RATE_PAGES,
              API_RATE_FAILURES,
              API_TRUSTED_PROXIES,
              API_PUBLIC_HOST,
              API_COMPATIBILITY,
              API_ROOMS,
              API_ROOM_SIZE,
              API_WEBHOOKS,
              API_WEBHOOK_SECRET_FILE,
              STORAGE_URL,
              STORAGE_USER,
              STORAGE_PASSWORD_FILE,
              STORAGE_FLUSH,
              STORAGE_RETENTION));

  /// What another configuration may change while the servers run.
  static final Set<Key<?>> RELOADABLE =
      Set.of(
          TurnKeys.SECRET_FILE,
          TurnKeys.REVOKED_FILE,
          TENANTS_DIR,
          TurnKeys.PEERS_ALLOW,
          TurnKeys.PEERS_DENY,
          TurnKeys.PEERS_DENY_PORTS,
          TurnKeys.PEERS_BACK_ENDS,
          TurnKeys.PEERS_NAT64_PREFIXES,
          TurnKeys.PEERS_UNSAFE_ALLOW_METADATA,
          TurnKeys.PEERS_NEW_AT_ONCE,
          TurnKeys.PEERS_NEW_PER_SECOND,
          TurnKeys.TLS_CERTIFICATES,
          TurnKeys.TLS_KEYS,
          API_KEY_FILE,
          API_KEY_RING,
          API_JWT_SECRET_FILE,
          API_JWT_ISSUER,
          API_JWT_AUDIENCE,
          API_JWKS_URL,
          API_JWT_ALGORITHMS,
          API_JWT_CLAIMS_SCOPES,
          API_JWT_CLAIMS_TENANT,
          API_JWT_CLAIMS_TTL,
          API_JWT_CLAIMS_LIMITS,
          UNSAFE);

  private HairpinKeys() {}
}
