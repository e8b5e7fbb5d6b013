package dev.hairpin.turnserver.credential;

import dev.hairpin.turnserver.net.Checks;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.Transport;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The limits that travel inside a username, under its signature:
/// `peers=203.0.113.0/24;relay-only`. Each narrows what the server allows, none widens it.
/// docs/credentials.md has the grammar, the ranges and who keeps them; 0 is no limit here.
///
/// @param tenant whose secrets sign the username; empty where the server's own do
/// @param peers the only ranges that the client may reach; every one where empty
/// @param relayOnly whether it may reach nothing but relayed addresses of this server
/// @param allocations live allocations of the user
/// @param bytesPerSecond what an allocation may carry in each direction
/// @param bytes of payload that all allocations of the credential may carry together
/// @param transports the only ones that the client may come by; every one where empty
public record CredentialScope(
    String tenant,
    List<IpPrefix> peers,
    boolean relayOnly,
    long allocations,
    long bytesPerSecond,
    long bytes,
    Set<Transport> transports) {
  private static final String TENANT = "tenant";
  private static final String PEERS = "peers";
  private static final String RELAY_ONLY = "relay-only";
  private static final String ALLOCATIONS = "allocations";
  private static final String BYTES_PER_SECOND = "bytes-per-second";
  private static final String BYTES = "bytes";
  private static final String TRANSPORTS = "transports";
  private static final long MAX_NUMBER = 999_999_999; // as in hairpin.yml
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{0,32}");
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,15}");

  public static final CredentialScope NONE =
      new CredentialScope("", List.of(), false, 0, 0, 0, Set.of());

  public CredentialScope {
    requireTenant(tenant);
    peers = List.copyOf(peers);
    transports = Set.copyOf(transports);
    require(ALLOCATIONS, allocations, 1, MAX_NUMBER);
    require(BYTES_PER_SECOND, bytesPerSecond, 1_000, MAX_NUMBER);
    require(BYTES, bytes, 1, 1_000_000_000_000_000L);
  }

  /// These limits for a user of a tenant.
  public CredentialScope of(String newTenant) {
    return new CredentialScope(
        newTenant, peers, relayOnly, allocations, bytesPerSecond, bytes, transports);
  }

  /// @throws IllegalArgumentException where a text is neither empty nor the name of a tenant
  static void requireTenant(String name) {
    Checks.require(
        NAME.matcher(name).matches(),
        TENANT + " is a name of 1 to 32 small letters, digits and hyphens");
  }

  private static void require(String name, long value, long min, long max) {
    if (value != 0 && (value < min || value > max)) {
      throw new IllegalArgumentException(name + " is a whole number, " + min + " to " + max);
    }
  }

  /// Reads limits as they stand in a username, without the marks around them.
  ///
  /// @throws IllegalArgumentException where one is malformed, stands twice, or is unknown: a limit
  ///   that is not understood cannot be kept
  public static CredentialScope parse(String text) {
    var limits = new HashMap<String, String>();
    for (String limit : text.isEmpty() ? new String[0] : text.split(";", -1)) {
      String[] parts = limit.split("=", 2);
      boolean isBare = parts.length == 1;
      if ((!isBare && parts[1].isEmpty()) || limits.put(parts[0], isBare ? "" : parts[1]) != null) {
        throw new IllegalArgumentException(parts[0] + " stands twice, or without what it says");
      }
    }
    return of(limits);
  }

  /// Reads limits by name, each with what stands behind its `=`, if anything.
  ///
  /// @throws IllegalArgumentException that begins with the name of the limit that is wrong
  public static CredentialScope of(Map<String, String> limits) {
    var rest = new HashMap<>(limits);
    var scope =
        new CredentialScope(
            tenant(rest.remove(TENANT)),
            read(
                PEERS + " is a list of addresses and prefixes, such as 203.0.113.0/24",
                () -> items(rest.remove(PEERS)).map(IpPrefix::parse).toList()),
            rest.remove(RELAY_ONLY, ""),
            number(rest.remove(ALLOCATIONS)),
            number(rest.remove(BYTES_PER_SECOND)),
            number(rest.remove(BYTES)),
            read(
                TRANSPORTS + " is a list of udp, tcp, tls and dtls, each once at most",
                () ->
                    Set.of(
                        items(rest.remove(TRANSPORTS))
                            .map(CredentialScope::transport)
                            .toArray(Transport[]::new))));
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException(
          rest.keySet().iterator().next() + " is unknown, or says too much");
    }
    return scope;
  }

  private static <T> T read(String otherwise, Supplier<T> reader) {
    try {
      return reader.get();
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private static Stream<String> items(@Nullable String list) {
    return list == null ? Stream.empty() : Arrays.stream(list.split(",", -1));
  }

  private static String tenant(@Nullable String name) {
    return name == null ? "" : name.isEmpty() ? "?" : name;
  }

  private static Transport transport(String scheme) {
    return Arrays.stream(Transport.values())
        .filter(transport -> transport.scheme().equals(scheme))
        .findFirst()
        .orElseThrow(IllegalArgumentException::new);
  }

  /// Out of every range where it is no number.
  private static long number(@Nullable String value) {
    if (value == null) {
      return 0;
    }
    return NUMBER.matcher(value).matches() ? Long.parseLong(value) : -1;
  }

  /// As it stands in a username, without the marks around it.
  public String format() {
    var limits = new StringJoiner(";");
    add(limits, TENANT, Stream.of(tenant));
    add(limits, PEERS, peers.stream());
    if (relayOnly) {
      limits.add(RELAY_ONLY);
    }
    add(limits, ALLOCATIONS, Stream.of(allocations).filter(n -> n > 0));
    add(limits, BYTES_PER_SECOND, Stream.of(bytesPerSecond).filter(n -> n > 0));
    add(limits, BYTES, Stream.of(bytes).filter(n -> n > 0));
    add(limits, TRANSPORTS, transports.stream().sorted().map(Transport::scheme));
    return limits.toString();
  }

  private static void add(StringJoiner limits, String name, Stream<?> values) {
    String value = values.map(Object::toString).collect(Collectors.joining(","));
    if (!value.isEmpty()) {
      limits.add(name + "=" + value);
    }
  }

  /// Whether the ranges hold an address.
  public boolean permits(IpAddress ip) {
    return peers.isEmpty() || peers.stream().anyMatch(range -> range.contains(ip));
  }

  /// Whether the client may come by a transport.
  public boolean permits(Transport transport) {
    return transports.isEmpty() || transports.contains(transport);
  }
}
