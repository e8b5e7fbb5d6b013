package dev.hairpin.deploy.serve;

import dev.hairpin.credentialapi.ApiTenant;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.FileProblem;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.TurnConfig;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.credential.IssuedUsernames;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.SharedSecrets.Secret;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.server.TenantSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What one file of `tenants-dir` says, checked.
///
/// @param server the configuration that it is beside
/// @param own what the file says
/// @param ttl how long its credentials last
public record TenantFile(Configuration server, Configuration own, Tenant tenant, TtlRange ttl) {
  private static final Pattern NAME = Pattern.compile("([a-z0-9-]{1,32})\\.yml");

  /// Reads every file of the folder, in the order of their names.
  ///
  /// @param secrets of the server, which no tenant may have
  /// @throws ConfigException for the first thing that is wrong
  static List<TenantFile> readAll(SharedSecrets secrets, SecretReader reader) {
    var server = reader.configuration();
    var all = new ArrayList<TenantFile>();
    var holders = new HashMap<SecretKeySpec, String>();
    keys(secrets).forEach(key -> holders.put(key, "the server's"));
    for (var file : files(server)) {
      var read = read(server, file, reader);
      for (var key : keys(read.tenant.secrets()).toList()) {
        @Nullable String other = holders.put(key, read.name() + "'s");
        if (other != null && !other.equals(read.name() + "'s")) {
          throw read.own.wrong(
              TenantKeys.SECRET_FILE,
              "a secret in " + read.own.one(TenantKeys.SECRET_FILE) + " is " + other + " too",
              "make one for this tenant alone: openssl rand -base64 32");
        }
      }
      all.add(read);
    }
    return all;
  }

  /// The file of one tenant, which must be there.
  public static TenantFile read(Configuration server, String name) {
    var wanted = name + ".yml";
    return files(server).stream()
        .filter(file -> file.endsWith(wanted))
        .findFirst()
        .map(file -> read(server, file, new SecretReader(server, false, new ArrayList<>())))
        .orElseThrow(
            () ->
                new ConfigException(
                    "--tenant: there is no tenant "
                        + name
                        + "; name one that has a file in tenants-dir"));
  }

  private static Stream<SecretKeySpec> keys(SharedSecrets secrets) {
    return secrets.accepted(0).stream().map(Secret::key);
  }

  /// Secrets and notes may lie beside them; what looks like a tenant and is none is refused.
  private static List<Path> files(Configuration server) {
    var folder = server.find(HairpinKeys.TENANTS_DIR);
    if (folder.isEmpty()) {
      return List.of();
    }
    try (var entries = Files.list(folder.get())) {
      return entries
          .filter(file -> file.getFileName().toString().matches("[^.].*\\.ya?ml"))
          .map(TenantFile::requireNamed)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw server.wrong(
          HairpinKeys.TENANTS_DIR,
          "cannot read " + folder.get() + ": " + FileProblem.of(e),
          "name a folder that this user can read");
    }
  }

  private static Path requireNamed(Path file) {
    if (!NAME.matcher(file.getFileName().toString()).matches()) {
      throw new ConfigException(
          file + ": names no tenant; call it NAME.yml, of 1 to 32 small letters, digits and -");
    }
    return file;
  }

  private static TenantFile read(Configuration server, Path file, SecretReader reader) {
    var own = Configuration.read(file, TenantKeys.ALL);
    String name = file.getFileName().toString().replace(".yml", "");
    if (!own.isSet(TenantKeys.SECRET_FILE)) {
      throw new ConfigException(
          file + ": secret-file: is not written; name a file with secrets of this tenant alone");
    }
    if (own.isSet(TenantKeys.URLS) && own.isSet(TenantKeys.PUBLIC_HOST)) {
      throw own.wrong(TenantKeys.URLS, "public-host says them already", "remove one of the two");
    }
    if (own.isSet(TenantKeys.URLS) && urls(own, "turn").isEmpty()) {
      throw own.wrong(TenantKeys.URLS, "there is none for TURN", "add a turn: or turns: URL");
    }
    var secrets =
        own.blaming(
            TenantKeys.SECRET_FILE,
            "keep those that are in use",
            () -> SharedSecrets.parse(reader.read(own, TenantKeys.SECRET_FILE)));
    var revoked = TurnConfig.revoked(name, own);
    String host = own.find(TenantKeys.PUBLIC_HOST).orElse("");
    String realm = of(own, TenantKeys.REALM, server, TurnKeys.REALM);
    var tenant =
        own.blaming(
            TenantKeys.REALM,
            "choose another realm",
            () -> new Tenant(name, realm, host, secrets, revoked));
    return new TenantFile(server, own, tenant, ttl(own, server));
  }

  /// What the file says, or else what holds for the server's own users.
  private static <T> T of(Configuration own, Key<T> key, Configuration server, Key<T> standard) {
    return own.find(key).orElseGet(() -> server.one(standard));
  }

  private static TtlRange ttl(Configuration own, Configuration server) {
    var longest = of(own, TenantKeys.TTL_MAX, server, HairpinKeys.API_TTL_MAX);
    if (longest.compareTo(server.one(TurnKeys.MAX_CREDENTIAL_TTL)) > 0) {
      throw own.wrong(
          TenantKeys.TTL_MAX,
          "the TURN server would refuse credentials of the longest ttl",
          "lower it, or raise auth.max-credential-ttl");
    }
    return own.blaming(
        own.firstWritten(TenantKeys.TTL_DEFAULT, TenantKeys.TTL_MIN, TenantKeys.TTL_MAX),
        "put ttl.min, ttl.default and ttl.max into this order",
        () ->
            new TtlRange(
                of(own, TenantKeys.TTL_DEFAULT, server, HairpinKeys.API_TTL_DEFAULT),
                of(own, TenantKeys.TTL_MIN, server, HairpinKeys.API_TTL_MIN),
                longest));
  }

  private static List<String> urls(Configuration own, String scheme) {
    return own.all(TenantKeys.URLS).stream().filter(url -> url.startsWith(scheme)).toList();
  }

  public String name() {
    return tenant.name();
  }

  /// The URLs by which its clients reach the listeners.
  public HandedOutUrls urls(List<ListenUrl> listeners) {
    if (own.isSet(TenantKeys.URLS)) {
      return new HandedOutUrls(urls(own, "stun"), urls(own, "turn"));
    }
    Optional<String> host = own.find(TenantKeys.PUBLIC_HOST);
    var configuration =
        host.isPresent()
            ? server.withFound(HairpinKeys.API_PUBLIC_HOST, List.of(host.get()))
            : server;
    return HandedOutUrls.of(configuration, listeners);
  }

  /// What the TURN server is told.
  ///
  /// @param policy of the server, and its quotas
  TenantSettings turn(PolicySettings policy, QuotaSettings quotas) {
    var allowed =
        own.isSet(TenantKeys.PEERS_ALLOW) ? own.all(TenantKeys.PEERS_ALLOW) : policy.allowedPeers();
    var denied = new ArrayList<IpPrefix>(policy.deniedPeers());
    denied.addAll(own.all(TenantKeys.PEERS_DENY));
    return new TenantSettings(
        tenant,
        policy.withPeers(allowed, denied),
        new QuotaSettings(
            perUser(),
            quotas.perSource(),
            own.one(TenantKeys.TOTAL_QUOTA),
            quotas.allocationBytesPerSecond(),
            quotas.userBytesPerSecond()));
  }

  /// What the API is told.
  ApiTenant api(List<ListenUrl> listeners, @Nullable IssuedUsernames book) {
    var urls = urls(listeners);
    return new ApiTenant(
        name(),
        tenant.realm(),
        ttl,
        urls.stun(),
        urls.turn(),
        perUser(),
        own.one(TenantKeys.TOTAL_QUOTA),
        new CredentialIssuer(tenant, book));
  }

  private int perUser() {
    return of(own, TenantKeys.USER_QUOTA, server, TurnKeys.USER_QUOTA);
  }
}
