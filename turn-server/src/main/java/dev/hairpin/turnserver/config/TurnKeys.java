package dev.hairpin.turnserver.config;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.udp.UdpMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The keys of the TURN server. Every default is that of the settings record which it goes into.
public final class TurnKeys {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);

  public static final Key<String> REALM =
      Key.one("realm", Format.TEXT, "The realm that clients are challenged with.")
          .orElse(AuthSettings.DEFAULT_REALM);

  public static final Key<ListenUrl> LISTEN =
      Key.some("listen", Format.LISTENER, "Where clients are served; port 0 takes a free one.")
          .orElseFound("port 3478 on every address of the machine")
          .example(
              List.of(ListenUrl.parse("udp://0.0.0.0:3478"), ListenUrl.parse("udp://[::]:3478")));

  public static final Key<IpAddress> EXTERNAL_ADDRESS =
      Key.list(
              "external-address",
              Format.ADDRESS,
              "What clients are told in place of a relay address, where a NAT maps one to one;"
                  + " at most one of each family.")
          .example(List.of(IpAddress.parse("203.0.113.7")));

  public static final Key<IpAddress> RELAY_ADDRESSES =
      Key.some(
              "relay.addresses",
              Format.ADDRESS,
              "Local addresses to relay from, at most one of each family.")
          .orElseFound(
              "the listener's own address where it is a specific one, else that of the default"
                  + " route")
          .example(List.of(IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1")));

  public static final Key<PortRange> RELAY_PORTS =
      Key.one("relay.ports", Format.PORTS, "The ports that relayed addresses are drawn from.")
          .orElse(PortRange.DYNAMIC);

  public static final Key<Path> SECRET_FILE =
      Key.one(
              "secret-file",
              Format.FILE,
              "Holds the secrets that credentials are made with, one a line, newest first.")
          .orElseFound("`turn-secret` in the data directory, made at the first start")
          .example(List.of(Path.of("/etc/hairpin/turn-secret")));

  public static final Key<IpPrefix> PEERS_ALLOW =
      Key.list(
              "peers.allow",
              Format.PREFIX,
              "Private and special-purpose ranges that clients may reach; all are denied by"
                  + " default.")
          .example(List.of(IpPrefix.parse("10.1.0.0/16")));

  public static final Key<IpPrefix> PEERS_DENY =
      Key.list(
              "peers.deny",
              Format.PREFIX,
              "Ranges that clients may not reach, in addition; they win over `peers.allow`.")
          .example(List.of(IpPrefix.parse("198.51.100.0/24")));

  public static final Key<Duration> DEFAULT_LIFETIME =
      Key.one(
              "allocation.default-lifetime",
              Format.duration(Duration.ofSeconds(10), DAY),
              "What an allocation gets whose client asks for nothing or for less.")
          .orElse(AllocationSettings.DEFAULT.defaultLifetime());

  public static final Key<Duration> MAX_LIFETIME =
      Key.one(
              "allocation.max-lifetime",
              Format.duration(Duration.ofSeconds(10), DAY),
              "The longest lifetime that a client gets without a refresh.")
          .orElse(AllocationSettings.DEFAULT.maxLifetime());

  public static final Key<Duration> NONCE_LIFETIME =
      Key.one(
              "auth.nonce-lifetime",
              Format.duration(Duration.ofSeconds(10), DAY),
              "After this a client is given a new nonce.")
          .orElse(AuthSettings.DEFAULT_NONCE_LIFETIME);

  public static final Key<Duration> MAX_CREDENTIAL_TTL =
      Key.one(
              "auth.max-credential-ttl",
              Format.duration(MINUTE, Duration.ofDays(365)),
              "Credentials that end later than this from now are refused.")
          .orElse(AuthSettings.DEFAULT_MAX_CREDENTIAL_TTL);

  public static final Key<Integer> LOOPS =
      Key.one("loops", Format.wholeNumber(0, 256), "Event loops; 0 is one per core.").orElse(0);

  public static final Key<UdpMode> UDP =
      Key.one(
              "udp",
              Format.choice(UdpMode.class),
              "Which sockets are used: `native` is the fastest and needs Linux, `portable` runs"
                  + " anywhere, `auto` picks the first that works.")
          .orElse(UdpMode.AUTO);

  /// In the order of the documentation.
  public static final List<Key<?>> ALL =
      List.of(
          REALM,
          LISTEN,
          EXTERNAL_ADDRESS,
          RELAY_ADDRESSES,
          RELAY_PORTS,
          SECRET_FILE,
          PEERS_ALLOW,
          PEERS_DENY,
          DEFAULT_LIFETIME,
          MAX_LIFETIME,
          NONCE_LIFETIME,
          MAX_CREDENTIAL_TTL,
          LOOPS,
          UDP);

  private TurnKeys() {}
}
