package dev.hairpin.deploy.config;

import dev.hairpin.deploy.config.TurnKeys.Algorithms;
import dev.hairpin.turnserver.allocation.AllocationSettings;
import dev.hairpin.turnserver.auth.AuthSettings;
import dev.hairpin.turnserver.credential.Revocations;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.NatDiscovery;
import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.loop.SourceLimits;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.transport.StreamSettings.Strangers;
import dev.hairpin.turnserver.transport.StreamSettings.Timeouts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Turns the keys of the TURN server into its settings.
public final class TurnConfig {
  private static final int MAX_REVOKED_BYTES = 16 << 20;

  private TurnConfig() {}

  /// Fills in listeners and relay addresses that nobody wrote.
  public static Configuration withFoundAddresses(Configuration given, LocalAddresses local) {
    var filled = given;
    if (!filled.isSet(TurnKeys.LISTEN)) {
      filled = filled.withFound(TurnKeys.LISTEN, listeners(filled, local));
    }
    if (!filled.isSet(TurnKeys.RELAY_ADDRESSES)) {
      var relays = relayAddresses(filled.all(TurnKeys.LISTEN), local);
      filled = filled.withFound(TurnKeys.RELAY_ADDRESSES, relays);
    }
    return filled;
  }

  /// Puts the values into records, and checks that they go together.
  ///
  /// @param configuration one that addresses were filled into
  /// @param ownAddresses further listeners of this process, which no client may have as a peer
  /// @throws ConfigException where values do not go together
  public static TurnSettings settings(
      Configuration configuration, SharedSecrets secrets, List<TransportAddress> ownAddresses) {
    return configuration.blaming(
        TurnKeys.NAT_DISCOVERY,
        "name public addresses, or allow them by peers.allow",
        () ->
            new TurnSettings(
                configuration.all(TurnKeys.LISTEN),
                auth(configuration, secrets),
                List.of(),
                relay(configuration),
                policy(configuration),
                quotas(configuration),
                allocation(configuration),
                streams(configuration),
                service(configuration),
                ownAddresses,
                null,
                configuration.one(TurnKeys.LOOPS),
                configuration.one(TurnKeys.UDP),
                () -> {}));
  }

  /// Whom clients may reach; what a reload changes.
  public static PolicySettings policy(Configuration configuration) {
    var metadata = configuration.all(TurnKeys.PEERS_UNSAFE_ALLOW_METADATA);
    var prefixes = configuration.all(TurnKeys.PEERS_NAT64_PREFIXES);
    configuration.blaming(
        TurnKeys.PEERS_UNSAFE_ALLOW_METADATA,
        "write other addresses to peers.allow",
        () -> policy(configuration, metadata, List.of()));
    return configuration.blaming(
        TurnKeys.PEERS_NAT64_PREFIXES,
        "write a prefix like 2001:db8:64::/96",
        () -> policy(configuration, metadata, prefixes));
  }

  private static PolicySettings policy(
      Configuration configuration, List<IpAddress> metadata, List<IpPrefix> nat64Prefixes) {
    var backEnds =
        configuration.all(TurnKeys.PEERS_BACK_ENDS).stream().map(ip -> new IpPrefix(ip, 128));
    return new PolicySettings(
        configuration.all(TurnKeys.PEERS_ALLOW),
        Stream.concat(configuration.all(TurnKeys.PEERS_DENY).stream(), backEnds).toList(),
        metadata,
        nat64Prefixes,
        configuration.all(TurnKeys.PEERS_DENY_PORTS),
        new PolicySettings.PeerRate(
            configuration.one(TurnKeys.PEERS_NEW_AT_ONCE),
            configuration.one(TurnKeys.PEERS_NEW_PER_SECOND)));
  }

  private static List<ListenUrl> listeners(Configuration configuration, LocalAddresses local) {
    var addresses =
        local.find(Family.IPV6).isPresent() ? List.of("0.0.0.0", "[::]") : List.of("0.0.0.0");
    var forms = new ArrayList<>(List.of("udp://%s:3478", "tcp://%s:3478"));
    if (configuration.isSet(TurnKeys.TLS_CERTIFICATES)) {
      forms.add("tls://%s:5349");
    }
    return forms.stream()
        .flatMap(form -> addresses.stream().map(form::formatted))
        .map(ListenUrl::parse)
        .toList();
  }

  private static List<IpAddress> relayAddresses(List<ListenUrl> listeners, LocalAddresses local) {
    var relays = new ArrayList<IpAddress>();
    for (Family family : Family.values()) {
      relayAddress(listeners, family, local).ifPresent(relays::add);
    }
    return relays.isEmpty() ? List.of(loopback(listeners.getFirst().address().ip())) : relays;
  }

  private static IpAddress loopback(IpAddress ofFamily) {
    return IpAddress.parse(ofFamily.isIpv4() ? "127.0.0.1" : "::1");
  }

  private static Optional<IpAddress> relayAddress(
      List<ListenUrl> listeners, Family family, LocalAddresses local) {
    var own = listeners.stream().map(l -> l.address().ip()).filter(a -> a.family() == family);
    var addresses = own.toList();
    boolean everywhere = addresses.stream().anyMatch(IpAddress::isUnspecified);
    return everywhere ? local.find(family) : addresses.stream().findFirst();
  }

  private static AuthSettings auth(Configuration configuration, SharedSecrets secrets) {
    var maxTtl = configuration.one(TurnKeys.MAX_CREDENTIAL_TTL);
    return configuration.blaming(
        TurnKeys.REALM,
        "choose another realm",
        () ->
            new AuthSettings(
                configuration.one(TurnKeys.REALM),
                secrets,
                configuration.one(TurnKeys.NONCE_LIFETIME),
                maxTtl,
                null,
                configuration.find(TurnKeys.GRACE).orElse(maxTtl),
                configuration.one(TurnKeys.ALGORITHMS) == Algorithms.SHA256,
                revoked("", configuration)));
  }

  /// The entries of the file of revoked credentials; none where there is no such file.
  ///
  /// @param tenant whose file it is; empty for the server's own
  /// @throws ConfigException where it cannot be read, or a line is no entry
  public static List<String> revoked(String tenant, Configuration configuration) {
    if (configuration.find(TurnKeys.REVOKED_FILE).isEmpty()) {
      return List.of();
    }
    var entries = SecretFile.lines(configuration, TurnKeys.REVOKED_FILE, MAX_REVOKED_BYTES);
    configuration.blaming(
        TurnKeys.REVOKED_FILE,
        "write 1800000000:alice, *:alice or <1800000000:alice",
        () -> {
          Revocations.requireEntries(tenant, entries);
          return entries;
        });
    return entries;
  }

  private static RelaySettings relay(Configuration configuration) {
    var relays = configuration.all(TurnKeys.RELAY_ADDRESSES);
    var external = configuration.all(TurnKeys.EXTERNAL_ADDRESS);
    var ports = configuration.one(TurnKeys.RELAY_PORTS);
    configuration.blaming(
        TurnKeys.RELAY_ADDRESSES,
        "write addresses of this machine",
        () -> new RelaySettings(relays, List.of(), ports));
    return configuration.blaming(
        TurnKeys.EXTERNAL_ADDRESS,
        "write EXTERNAL/LOCAL once for each of relay.addresses that needs it",
        () -> new RelaySettings(relays, external, ports));
  }

  private static StreamSettings streams(Configuration configuration) {
    var chains = configuration.all(TurnKeys.TLS_CERTIFICATES);
    var keys = configuration.all(TurnKeys.TLS_KEYS);
    if (chains.size() != keys.size()) {
      throw configuration.wrong(
          configuration.firstWritten(TurnKeys.TLS_KEYS, TurnKeys.TLS_CERTIFICATES),
          "there are " + chains.size() + " certificates and " + keys.size() + " keys",
          "name one file in tls.key for each in tls.certificate, in the same order");
    }
    var certificates = new ArrayList<CertificateFiles>();
    for (int i = 0; i < chains.size(); i++) {
      certificates.add(new CertificateFiles(chains.get(i), keys.get(i)));
    }
    for (var url : configuration.all(TurnKeys.LISTEN)) {
      if (url.transport().isEncrypted() && certificates.isEmpty()) {
        throw configuration.wrong(
            TurnKeys.LISTEN,
            url + " needs a certificate",
            "name its files in tls.certificate and tls.key");
      }
    }
    return new StreamSettings(
        certificates,
        configuration.all(TurnKeys.PROXY_PROTOCOL_FROM),
        new Strangers(
            configuration.one(TurnKeys.CONNECTIONS_PER_SOURCE),
            configuration.find(TurnKeys.CONNECTIONS_OF_STRANGERS).orElse(Strangers.DEFAULT.total()),
            configuration.one(TurnKeys.TLS_HANDSHAKES),
            configuration.one(TurnKeys.ALLOCATION_TIMEOUT)),
        new Timeouts(
            configuration.one(TurnKeys.HANDSHAKE_TIMEOUT),
            configuration.one(TurnKeys.FIRST_MESSAGE_TIMEOUT),
            configuration.one(TurnKeys.IDLE_TIMEOUT)),
        configuration.one(TurnKeys.BACKLOG));
  }

  private static ServiceSettings service(Configuration configuration) {
    return new ServiceSettings(
        configuration.one(TurnKeys.MODE),
        Set.copyOf(configuration.all(TurnKeys.FEATURES)),
        configuration.all(TurnKeys.ALTERNATE_SERVERS),
        configuration.find(TurnKeys.ALTERNATE_DOMAIN).orElse(""),
        configuration
            .find(TurnKeys.NAT_DISCOVERY)
            .map(o -> discovery(configuration, o))
            .orElse(null),
        new SourceLimits(
            configuration.one(TurnKeys.TURN_ANSWERS),
            configuration.one(TurnKeys.BINDING_ANSWERS),
            configuration.one(TurnKeys.WRONG_PASSWORDS)));
  }

  private static NatDiscovery discovery(Configuration configuration, TransportAddress other) {
    var primary =
        configuration.all(TurnKeys.LISTEN).stream()
            .filter(url -> url.transport() == Transport.UDP)
            .map(ListenUrl::address)
            .filter(a -> a.ip().family() == other.ip().family() && !a.ip().isUnspecified())
            .findFirst()
            .orElseThrow(
                () ->
                    configuration.wrong(
                        TurnKeys.NAT_DISCOVERY,
                        "there is no UDP listener on a specific address of that family",
                        "write one to listen, like udp://192.0.2.1:3478"));
    return configuration.blaming(
        TurnKeys.NAT_DISCOVERY,
        "choose another address and another port",
        () ->
            new NatDiscovery(
                primary,
                other,
                external(configuration, primary.ip()),
                external(configuration, other.ip())));
  }

  /// What clients are told of an address.
  private static IpAddress external(Configuration configuration, IpAddress local) {
    return configuration.all(TurnKeys.EXTERNAL_ADDRESS).stream()
        .filter(e -> local.equals(e.local()))
        .map(ExternalAddress::external)
        .findFirst()
        .orElse(local);
  }

  private static QuotaSettings quotas(Configuration configuration) {
    return configuration.blaming(
        configuration.firstWritten(TurnKeys.ALLOCATION_BANDWIDTH, TurnKeys.USER_BANDWIDTH),
        "write 0, or at least 1000",
        () ->
            new QuotaSettings(
                configuration.one(TurnKeys.USER_QUOTA),
                configuration.one(TurnKeys.SOURCE_QUOTA),
                configuration.one(TurnKeys.REALM_QUOTA),
                configuration.one(TurnKeys.ALLOCATION_BANDWIDTH),
                configuration.one(TurnKeys.USER_BANDWIDTH)));
  }

  private static AllocationSettings allocation(Configuration configuration) {
    var standard = configuration.one(TurnKeys.DEFAULT_LIFETIME);
    var max = configuration.one(TurnKeys.MAX_LIFETIME);
    if (standard.compareTo(max) > 0) {
      throw configuration.wrong(
          configuration.firstWritten(TurnKeys.DEFAULT_LIFETIME, TurnKeys.MAX_LIFETIME),
          "the default lifetime of "
              + Durations.write(standard)
              + " is longer than the longest of "
              + Durations.write(max),
          "lower allocation.default-lifetime or raise allocation.max-lifetime");
    }
    return configuration.blaming(
        TurnKeys.MAX_AGE,
        "raise it, or lower allocation.default-lifetime",
        () ->
            new AllocationSettings(
                standard,
                max,
                configuration.one(TurnKeys.MAX_AGE),
                configuration.one(TurnKeys.MAX_IDLE)));
  }
}
