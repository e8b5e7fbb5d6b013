package dev.hairpin.deploy.config;

import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.loop.ServiceSettings.Mode;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.udp.UdpMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The keys of the TURN server. Every default is that of the settings record which it goes into.
public final class TurnKeys {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MAX_NUMBER = 999_999_999;

  public static final Key<String> REALM =
      Key.one("realm", Format.TEXT, "The realm that clients are challenged with.")
          .orElse(AuthSettings.DEFAULT_REALM);

  public static final Key<ListenUrl> LISTEN =
      Key.some(
              "listen",
              Format.LISTENER,
              "Where clients are served; port 0 takes a free one. `tcp://` tells TLS apart by its"
                  + " first byte where there is a certificate.")
          .orElseFound(
              "UDP and TCP on port 3478 of every address of the machine, and TLS on 5349 where"
                  + " there is a certificate")
          .example(
              List.of(ListenUrl.parse("udp://0.0.0.0:3478"), ListenUrl.parse("tls://0.0.0.0:443")));

  public static final Key<Path> TLS_CERTIFICATES =
      Key.list(
              "tls.certificate",
              Format.FILE,
              "PEM files of certificates, each with its chain, for `tls://` and `dtls://`; a client"
                  + " that names a server is shown the one for that name, others the first. Read"
                  + " again when they change.")
          .example(List.of(Path.of("/etc/hairpin/fullchain.pem")));

  public static final Key<Path> TLS_KEYS =
      Key.list(
              "tls.key",
              Format.FILE,
              "PEM files of their private keys (PKCS#8, PKCS#1 or SEC1), in the same order.")
          .example(List.of(Path.of("/etc/hairpin/privkey.pem")));

  public static final Key<IpPrefix> PROXY_PROTOCOL_FROM =
      Key.list(
              "proxy-protocol.from",
              Format.PREFIX,
              "Load balancers, whose TCP and TLS connections start with a PROXY protocol header"
                  + " (version 1 or 2); nobody else's may.")
          .example(List.of(IpPrefix.parse("10.0.0.0/24")));

  public static final Key<Duration> HANDSHAKE_TIMEOUT =
      Key.one(
              "connections.handshake-timeout",
              Format.duration(SECOND, MINUTE),
              "From accept to the first byte, or to the end of PROXY header and TLS handshake.")
          .orElse(StreamSettings.DEFAULT.timeouts().handshake());

  public static final Key<Duration> FIRST_MESSAGE_TIMEOUT =
      Key.one(
              "connections.first-message-timeout",
              Format.duration(SECOND, MINUTE),
              "From there to the first whole message, and from the first byte of any further one to"
                  + " its last while there is no allocation.")
          .orElse(StreamSettings.DEFAULT.timeouts().firstMessage());

  public static final Key<Duration> ALLOCATION_TIMEOUT =
      Key.one(
              "connections.allocation-timeout",
              Format.duration(SECOND, DAY),
              "From accept to an allocation, or to another success that takes a password.")
          .orElse(StreamSettings.DEFAULT.strangers().patience());

  public static final Key<Integer> CONNECTIONS_PER_SOURCE =
      Key.one(
              "connections.per-source",
              Format.wholeNumber(0, 1_000_000),
              "Connections that one source (an IPv4 address, a /64 of IPv6) may have before they"
                  + " lead to allocations; 0 is no bound.")
          .orElse(StreamSettings.DEFAULT.strangers().perSource());

  public static final Key<Integer> CONNECTIONS_OF_STRANGERS =
      Key.one(
              "connections.of-strangers",
              Format.wholeNumber(0, 1_000_000),
              "Connections of all sources before they lead to allocations; beyond it the oldest is"
                  + " closed; 0 is no bound.")
          .orElseFound("a fifth of the file descriptors that the process may open")
          .example(List.of(4_000));

  public static final Key<Integer> TLS_HANDSHAKES =
      Key.one(
              "connections.tls-handshakes",
              Format.wholeNumber(0, 1_000_000),
              "TLS handshakes that one source may begin in a second; 0 is no bound.")
          .orElse(StreamSettings.DEFAULT.strangers().handshakes());

  public static final Key<Integer> TURN_ANSWERS =
      Key.one(
              "limits.turn-answers",
              Format.wholeNumber(0, 1_000_000),
              "Challenges and errors over UDP that one source gets in a second before it shows a"
                  + " nonce of this server; 0 is no bound.")
          .orElse(SourceLimits.DEFAULT.turnAnswers());

  public static final Key<Integer> BINDING_ANSWERS =
      Key.one(
              "limits.binding-answers",
              Format.wholeNumber(0, 1_000_000),
              "Binding responses over UDP that one source gets in a second; 0 is no bound.")
          .orElse(SourceLimits.DEFAULT.bindingAnswers());

  public static final Key<Integer> WRONG_PASSWORDS =
      Key.one(
              "limits.wrong-passwords",
              Format.wholeNumber(0, 1_000_000),
              "Wrong passwords of one source that are looked at in a row; beyond them one a second"
                  + " is. Allocations that stand are not touched; 0 is no bound.")
          .orElse(SourceLimits.DEFAULT.wrongPasswords());

  public static final Key<Duration> IDLE_TIMEOUT =
      Key.one(
              "connections.idle-timeout",
              Format.duration(SECOND, DAY),
              "A connection without an allocation that is silent for so long is closed.")
          .orElse(StreamSettings.DEFAULT.timeouts().idle());

  public static final Key<Integer> BACKLOG =
      Key.one(
              "connections.backlog-bytes",
              Format.wholeNumber(16 << 10, 64 << 20),
              "What is kept for a client that reads slowly; what comes beyond is dropped.")
          .orElse(StreamSettings.DEFAULT.backlogBytes());

  public static final Key<Mode> MODE =
      Key.one("mode", Format.choice(Mode.class), "Which half of the service is given.")
          .orElse(ServiceSettings.DEFAULT.mode());

  public static final Key<Feature> FEATURES =
      Key.list(
              "features",
              Format.choice(Feature.class),
              "Parts of the protocol that are served only where they are named: `tcp-relay` is RFC"
                  + " 6062, `mobility` RFC 8016, `classic-stun` RFC 3489.")
          .orElseAll(ServiceSettings.DEFAULT.features().stream().sorted().toList());

  public static final Key<TransportAddress> ALTERNATE_SERVERS =
      Key.list(
              "alternate-servers",
              Format.SERVER,
              "Where clients are sent instead, by ALTERNATE-SERVER; one of their family, at"
                  + " random.")
          .example(List.of(ListenUrl.parse("udp://198.51.100.2:3478").address()));

  public static final Key<String> ALTERNATE_DOMAIN =
      Key.one(
              "alternate-domain",
              Format.DNS_NAME,
              "The name in the certificates of the alternate servers, told to TLS and DTLS"
                  + " clients.")
          .example(List.of("turn.example.org"));

  public static final Key<TransportAddress> NAT_DISCOVERY =
      Key.one(
              "nat-discovery",
              Format.SERVER,
              "Switches RFC 5780 on: a second address and port, both other than those of the first"
                  + " UDP listener on a specific address of the family; clients find out there how"
                  + " their NAT behaves.")
          .example(List.of(ListenUrl.parse("udp://192.0.2.2:3479").address()));

  public static final Key<ExternalAddress> EXTERNAL_ADDRESS =
      Key.list(
              "external-address",
              Format.EXTERNAL_ADDRESS,
              "What clients are told in place of a relay address, where a NAT maps one to one;"
                  + " with the relay address where there are several of its family.")
          .example(List.of(ExternalAddress.parse("203.0.113.7")));

  public static final Key<IpAddress> RELAY_ADDRESSES =
      Key.some(
              "relay.addresses",
              Format.ADDRESS,
              "Local addresses to relay from. Of several an allocation gets the one that its client"
                  + " came by, else a random one.")
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
              "Holds the secrets that credentials are made with, one a line, newest first; behind"
                  + " it may stand ` not-before=` and ` not-after=` with an instant like"
                  + " `2027-01-31T12:00:00Z`, outside of which it is not used.")
          .orElseFound("`turn-secret` in the data directory, made at the first start")
          .example(List.of(Path.of("/etc/hairpin/turn-secret")));

  public static final Key<IpPrefix> PEERS_ALLOW =
      Key.list(
              "peers.allow",
              Format.PREFIX,
              "Private and special-purpose ranges that clients may reach; all are denied by"
                  + " default. An address of this machine needs an entry of its own.")
          .example(List.of(IpPrefix.parse("10.1.0.0/16")));

  public static final Key<IpPrefix> PEERS_DENY =
      Key.list(
              "peers.deny",
              Format.PREFIX,
              "Ranges that clients may not reach, in addition; they win over `peers.allow`.")
          .example(List.of(IpPrefix.parse("198.51.100.0/24")));

  public static final Key<PortRange> PEERS_DENY_PORTS =
      Key.list(
              "peers.deny-ports",
              Format.ANY_PORTS,
              "Ports of peers that no data go to or come from, relayed addresses of this server"
                  + " apart; `0-1023` spares most services of others.")
          .orElseAll(PolicySettings.DEFAULT.deniedPorts());

  public static final Key<IpAddress> PEERS_BACK_ENDS =
      Key.list(
              "peers.back-ends",
              Format.ADDRESS,
              "Addresses of your own databases and services, which clients may not reach whatever"
                  + " `peers.allow` says.")
          .example(List.of(IpAddress.parse("10.1.0.9")));

  public static final Key<IpPrefix> PEERS_NAT64_PREFIXES =
      Key.list(
              "peers.nat64-prefixes",
              Format.PREFIX,
              "NAT64 prefixes of your network (RFC 6052); what lies behind them is judged by the"
                  + " IPv4 address within, too.")
          .example(List.of(IpPrefix.parse("2001:db8:64::/96")));

  public static final Key<IpAddress> PEERS_UNSAFE_ALLOW_METADATA =
      Key.list(
              "peers.unsafe-allow-metadata",
              Format.ADDRESS,
              "Metadata addresses of clouds that clients may reach, one by one: they give out the"
                  + " keys of this machine. No other key opens them.")
          .example(List.of(IpAddress.parse("169.254.169.254")));

  public static final Key<Integer> PEERS_NEW_AT_ONCE =
      Key.one(
              "peers.new-at-once",
              Format.wholeNumber(0, 1_000),
              "How many addresses of peers an allocation may turn to at once, 0 without limit.")
          .orElse(PolicySettings.DEFAULT.newPeers().atOnce());

  public static final Key<Integer> PEERS_NEW_PER_SECOND =
      Key.one(
              "peers.new-per-second",
              Format.wholeNumber(1, 1_000),
              "How many more in each second after that.")
          .orElse(PolicySettings.DEFAULT.newPeers().perSecond());

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

  public static final Key<Duration> MAX_AGE =
      Key.one(
              "allocation.max-age",
              Format.duration(MINUTE, Duration.ofDays(365)),
              "An allocation ends at this age, however often it is refreshed.")
          .orElse(AllocationSettings.DEFAULT.maxAge());

  public static final Key<Duration> MAX_IDLE =
      Key.one(
              "allocation.max-idle",
              Format.duration(Duration.ZERO, DAY),
              "An allocation that relays no datagram for so long ends, though it be refreshed; `0s`"
                  + " is never.")
          .orElse(AllocationSettings.DEFAULT.maxIdle());

  public static final Key<Integer> USER_QUOTA =
      Key.one(
              "quotas.user",
              Format.wholeNumber(0, MAX_NUMBER),
              "Allocations, and ports that are reserved, of one user id: the part of a username"
                  + " behind its expiry. Usernames without one are one user. 0 is no limit.")
          .orElse(QuotaSettings.DEFAULT.perUser());

  public static final Key<Integer> SOURCE_QUOTA =
      Key.one(
              "quotas.source",
              Format.wholeNumber(0, MAX_NUMBER),
              "Allocations from one IPv4 address or IPv6 /64; loopback is not counted. 0 is no"
                  + " limit.")
          .orElse(QuotaSettings.DEFAULT.perSource());

  public static final Key<Integer> REALM_QUOTA =
      Key.one(
              "quotas.realm",
              Format.wholeNumber(0, MAX_NUMBER),
              "Allocations, and ports that are reserved, of all users together. 0 is no limit but"
                  + " ports and file descriptors.")
          .orElse(QuotaSettings.DEFAULT.perRealm());

  public static final Key<Integer> ALLOCATION_BANDWIDTH =
      Key.one(
              "limits.allocation-bytes-per-second",
              Format.wholeNumber(0, MAX_NUMBER),
              "What one allocation may carry in each direction, from 1000 on; datagrams count with"
                  + " 28 bytes of headers. What comes beyond is dropped, and connections with peers"
                  + " wait. 0 is no limit.")
          .orElse(QuotaSettings.DEFAULT.allocationBytesPerSecond());

  public static final Key<Integer> USER_BANDWIDTH =
      Key.one(
              "limits.user-bytes-per-second",
              Format.wholeNumber(0, MAX_NUMBER),
              "The same for all allocations of one user id together.")
          .orElse(QuotaSettings.DEFAULT.userBytesPerSecond());

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

  public static final Key<Duration> GRACE =
      Key.one(
              "auth.grace",
              Format.duration(Duration.ZERO, Duration.ofDays(365)),
              "How long an allocation may outlive the credential that it was made with, and be"
                  + " refreshed; with `0s` it ends together with it. A renewed credential of the"
                  + " same user takes its place.")
          .orElseFound("`auth.max-credential-ttl`")
          .example(List.of(Duration.ofHours(1)));

  public static final Key<Algorithms> ALGORITHMS =
      Key.one(
              "auth.algorithms",
              Format.choice(Algorithms.class),
              "`sha256` refuses what is signed by MD5 or SHA-1, as all browsers do.")
          .orElse(Algorithms.ANY);

  public static final Key<Path> REVOKED_FILE =
      Key.one(
              "revoked-file",
              Format.FILE,
              "Names credentials that are refused before their time, one a line: a username like"
                  + " `1800000000:alice`; `*:alice` for all of a user; `<1800000000:alice` for"
                  + " those that end before this second.")
          .example(List.of(Path.of("/etc/hairpin/revoked")));

  /// What clients may sign with.
  public enum Algorithms {
    ANY,
    SHA256
  }

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
          TLS_CERTIFICATES,
          TLS_KEYS,
          PROXY_PROTOCOL_FROM,
          HANDSHAKE_TIMEOUT,
          FIRST_MESSAGE_TIMEOUT,
          ALLOCATION_TIMEOUT,
          IDLE_TIMEOUT,
          BACKLOG,
          CONNECTIONS_PER_SOURCE,
          CONNECTIONS_OF_STRANGERS,
          TLS_HANDSHAKES,
          TURN_ANSWERS,
          BINDING_ANSWERS,
          WRONG_PASSWORDS,
          ALLOCATION_BANDWIDTH,
          USER_BANDWIDTH,
          MODE,
          FEATURES,
          ALTERNATE_SERVERS,
          ALTERNATE_DOMAIN,
          NAT_DISCOVERY,
          EXTERNAL_ADDRESS,
          RELAY_ADDRESSES,
          RELAY_PORTS,
          SECRET_FILE,
          REVOKED_FILE,
          PEERS_ALLOW,
          PEERS_DENY,
          PEERS_DENY_PORTS,
          PEERS_BACK_ENDS,
          PEERS_NAT64_PREFIXES,
          PEERS_UNSAFE_ALLOW_METADATA,
          PEERS_NEW_AT_ONCE,
          PEERS_NEW_PER_SECOND,
          DEFAULT_LIFETIME,
          MAX_LIFETIME,
          MAX_AGE,
          MAX_IDLE,
          USER_QUOTA,
          SOURCE_QUOTA,
          REALM_QUOTA,
          NONCE_LIFETIME,
          MAX_CREDENTIAL_TTL,
          GRACE,
          ALGORITHMS,
          LOOPS,
          UDP);

  private TurnKeys() {}
}
