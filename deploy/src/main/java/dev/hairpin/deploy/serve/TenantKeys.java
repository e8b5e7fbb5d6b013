package dev.hairpin.deploy.serve;

import dev.hairpin.deploy.config.Format;
import dev.hairpin.deploy.config.Key;
import dev.hairpin.deploy.config.KeySet;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.net.IpPrefix;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The keys of a tenant's file. What it leaves out is as for the server's own users.
public final class TenantKeys {
  public static final Key<String> REALM =
      Key.one(
              "realm",
              Format.TEXT,
              "What its clients may state as REALM, beside the server's; those that come by TLS and"
                  + " name its `public-host` are challenged with it.")
          .orElseFound("the server's")
          .example(List.of("acme.example"));

  public static final Key<Path> SECRET_FILE =
      Key.one(
              "secret-file",
              Format.FILE,
              "Holds its secrets, in the form of the server's; no secret of anybody else's.")
          .orElseFound("none: it must be written")
          .example(List.of(Path.of("acme.secret")));

  public static final Key<Path> REVOKED_FILE =
      Key.one(
              TurnKeys.REVOKED_FILE.path(),
              Format.FILE,
              "Names its credentials that are refused before their time, in the form of the"
                  + " server's; `*:alice` is its own alice alone.")
          .example(List.of(Path.of("acme.revoked")));

  public static final Key<Integer> USER_QUOTA =
      Key.one(
              "quotas.user",
              TurnKeys.USER_QUOTA.format(),
              "Allocations, and ports that are reserved, of one of its user ids; 0 is no limit.")
          .orElseFound("the server's")
          .example(List.of(16));

  public static final Key<Integer> TOTAL_QUOTA =
      Key.one(
              "quotas.total",
              TurnKeys.REALM_QUOTA.format(),
              "The same of all of its users together, within the server's `quotas.realm`; 0 is no"
                  + " limit.")
          .orElse(0);

  public static final Key<IpPrefix> PEERS_ALLOW =
      Key.list(
              "peers.allow",
              Format.PREFIX,
              "Private ranges that its clients may reach, in the place of the server's.")
          .orElseFound("the server's")
          .example(List.of(IpPrefix.parse("10.1.0.0/16")));

  public static final Key<IpPrefix> PEERS_DENY =
      Key.list(
              "peers.deny",
              Format.PREFIX,
              "Ranges that its clients may not reach, beside those of the server.")
          .example(List.of(IpPrefix.parse("198.51.100.0/24")));

  public static final Key<Duration> TTL_DEFAULT =
      Key.one(
              "ttl.default",
              HairpinKeys.API_TTL_DEFAULT.format(),
              "How long a credential lasts whose caller asks for nothing.")
          .orElseFound("`api.ttl.default`")
          .example(List.of(Duration.ofHours(1)));

  public static final Key<Duration> TTL_MIN =
      Key.one("ttl.min", HairpinKeys.API_TTL_MIN.format(), "The shortest that a credential lasts.")
          .orElseFound("`api.ttl.min`")
          .example(List.of(Duration.ofMinutes(1)));

  public static final Key<Duration> TTL_MAX =
      Key.one(
              "ttl.max",
              HairpinKeys.API_TTL_MAX.format(),
              "The longest that a credential lasts; at most `auth.max-credential-ttl`.")
          .orElseFound("`api.ttl.max`")
          .example(List.of(Duration.ofHours(12)));

  public static final Key<String> PUBLIC_HOST =
      Key.one(
              "public-host",
              HttpForms.HOST,
              "The host in the URLs that are handed out to it; for `turns:`, a name in a"
                  + " certificate.")
          .orElseFound("the server's")
          .example(List.of("turn.acme.example"));

  public static final Key<String> URLS =
      Key.list(
              "urls",
              HttpForms.ICE_URL,
              "All URLs that are handed out to it, where they are not those of the listeners; not"
                  + " with `public-host`.")
          .example(List.of("turns:turn.acme.example:443?transport=tcp"));

  public static final KeySet ALL =
      new KeySet(
          List.of(
              REALM,
              SECRET_FILE,
              REVOKED_FILE,
              USER_QUOTA,
              TOTAL_QUOTA,
              PEERS_ALLOW,
              PEERS_DENY,
              TTL_DEFAULT,
              TTL_MIN,
              TTL_MAX,
              PUBLIC_HOST,
              URLS));

  private TenantKeys() {}
}
