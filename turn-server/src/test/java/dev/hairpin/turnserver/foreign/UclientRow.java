package dev.hairpin.turnserver.foreign;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// One way of running coturn's load generator `turnutils_uclient` 4.6.1 through a server.
///
/// What it can be made to do, as tried against coturn itself:
///
/// - Without `-c` every client comes with an RTCP twin, by EVEN-PORT and RESERVATION-TOKEN.
/// - With `-y` clients talk to each other's relayed addresses, else to the peer of `-e` and `-r`.
/// - An IPv6 listener needs `-x` or `-X`: it cannot use the family of an allocation that it did not
///   ask for.
/// - Over TLS it takes a record for a message. Messages that meet in one record are lost to it,
///   coturn's among them, so it must send them with time between.
/// - Certificates are checked only where `-i`, `-k` and `-E` are all given. Half of its handshakes
///   fail by design, for it offers one version of TLS after the other, and tries again.
/// - With `-M` it sends each Refresh with a ticket twice and wants two answers. Tickets must have
///   no zero byte, where it would cut them off. Over streams coturn 4.6.1 itself fails here.
/// - With `-Z` it asks for a second family by a number that is not IANA's, 0x8032, and refreshes
///   that family whether it has got it or not: of no use with anybody but coturn. That of coturn
///   4.17.1 asks by 0x8000; run by hand over every transport, with `-s` too, it loses nothing.
/// - With `-P` the peers only send, so half of the messages have nobody who receives them.
///
/// @param abilities what a server must be able to do for this
/// @param flags what it is told beside the transport and the number of messages
record UclientRow(
    Carrier carrier, boolean onIpv6, Set<Ability> abilities, String title, List<String> flags) {
  private static final List<String> FEW = List.of("-n", "5", "-m", "2");

  /// A transport between client and server.
  enum Carrier {
    UDP,
    TCP,
    TLS,
    DTLS;

    List<String> flags() {
      return switch (this) {
        case UDP -> List.of();
        case TCP -> List.of("-t");
        case TLS -> List.of("-t", "-S", "-z", "100");
        case DTLS -> List.of("-S");
      };
    }

    String scheme() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean isStream() {
      return this == TCP || this == TLS;
    }
  }

  /// What not every server can do.
  enum Ability {
    DONT_FRAGMENT,
    MOBILITY,
    TCP_RELAY
  }

  /// All rows for a server that has these.
  static Stream<UclientRow> matrix(
      List<Carrier> carriers, Set<Ability> abilities, InetSocketAddress peer) {
    return carriers.stream()
        .flatMap(carrier -> rows(carrier, peer))
        .filter(row -> abilities.containsAll(row.abilities()));
  }

  private static Stream<UclientRow> rows(Carrier carrier, InetSocketAddress peer) {
    var ip = peer.getAddress().getHostAddress();
    var port = Integer.toString(peer.getPort());
    var rows = new ArrayList<UclientRow>();
    rows.add(ipv4(carrier, "channels", "-y"));
    rows.add(ipv4(carrier, "indications", "-y", "-s"));
    rows.add(ipv4(carrier, "channels of 101 bytes", "-y", "-c", "-l", "101"));
    rows.add(ipv4(carrier, "indications of 1202 bytes", "-y", "-c", "-s", "-l", "1202"));
    rows.add(ipv4(carrier, "needless requests", "-y", "-c", "-G"));
    rows.add(ipv4(carrier, "a peer that echoes", "-c", "-e", ip, "-r", port));
    rows.add(ipv4(carrier, "a peer, by indications", "-c", "-s", "-e", ip, "-r", port));
    rows.add(ipv4(carrier, "relayed on IPv6", "-y", "-x"));
    rows.add(ipv6(carrier, "relayed on IPv6", "-y", "-x"));
    rows.add(ipv6(carrier, "relayed on IPv4", "-y", "-s", "-X"));
    rows.add(ipv4(carrier, "DONT-FRAGMENT", "-y", "-s", "-g").with(Ability.DONT_FRAGMENT));
    rows.add(ipv4(carrier, "mobility", "-y", "-c", "-M").with(Ability.MOBILITY));
    if (!carrier.isStream()) {
      rows.add(ipv4(carrier, "padded channels of 103 bytes", "-y", "-c", "-D", "-l", "103"));
    }
    if (carrier.isStream()) {
      rows.add(ipv4(carrier, "TCP relay", "-T").with(Ability.TCP_RELAY));
      rows.add(ipv6(carrier, "TCP relay on IPv6", "-T", "-x").with(Ability.TCP_RELAY));
    }
    if (carrier == Carrier.TCP) {
      rows.add(ipv4(carrier, "TCP relay with active peers", "-P").with(Ability.TCP_RELAY));
    }
    return rows.stream();
  }

  private static UclientRow ipv4(Carrier carrier, String title, String... flags) {
    return new UclientRow(carrier, false, Set.of(), title, List.of(flags));
  }

  private static UclientRow ipv6(Carrier carrier, String title, String... flags) {
    return new UclientRow(carrier, true, Set.of(), title, List.of(flags));
  }

  private UclientRow with(Ability ability) {
    return new UclientRow(carrier, onIpv6, Set.of(ability), title, flags);
  }

  String[] options() {
    return Stream.of(carrier.flags(), flags, FEW).flatMap(List::stream).toArray(String[]::new);
  }

  /// How many of so many messages come back where none is lost.
  long expectedOf(long sent) {
    return flags.contains("-P") ? sent / 2 : sent;
  }

  @Override
  public String toString() {
    return "%s on %s, %s".formatted(carrier, onIpv6 ? "IPv6" : "IPv4", title);
  }
}
