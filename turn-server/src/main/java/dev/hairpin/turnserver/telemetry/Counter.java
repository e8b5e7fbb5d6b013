package dev.hairpin.turnserver.telemetry;

import java.util.Locale;

/// Everything that is counted, apart from errors, which count by their code, and drops.
public enum Counter {
  ALLOCATIONS_OPENED("Allocations granted."),
  ALLOCATIONS_CLOSED("Allocations that ended, for whatever reason."),
  CLIENT_PACKETS_IN("Datagrams received from clients."),
  CLIENT_BYTES_IN("Bytes received from clients, headers of TURN included."),
  TO_PEER_PACKETS("Payloads handed to the kernel for peers."),
  TO_PEER_BYTES("Bytes of payload for peers."),
  TO_CLIENT_PACKETS("Payloads from peers handed to the kernel for clients."),
  TO_CLIENT_BYTES("Bytes of payload from peers for clients."),
  ALLOCATIONS_MOVED("Moves of clients to another address (RFC 8016)."),
  MESSAGES_ACROSS_LOOPS(
      "Messages of clients that have moved, and payloads between relayed addresses, that went from"
          + " one event loop to another or to its next turn."),
  CONNECTIONS_OPENED("TCP and TLS connections accepted."),
  CONNECTIONS_CLOSED("TCP and TLS connections that ended."),
  ICMP_TO_CLIENT("ICMP errors from peers or on the way to them, told to clients."),
  DTLS_COOKIES("Cookies sent to clients that begin with DTLS."),
  DTLS_SESSIONS_OPENED("DTLS handshakes begun with a good cookie."),
  DTLS_SESSIONS_CLOSED("DTLS sessions that ended, failed ones included."),
  PEER_CONNECTIONS_OPENED("TCP connections with peers (RFC 6062)."),
  PEER_CONNECTIONS_CLOSED("TCP connections with peers that ended."),
  SUCCESS_RESPONSES("Success responses, Binding included.");

  private final String help;

  Counter(String help) {
    this.help = help;
  }

  /// The metric's name, without prefix and suffix.
  public String metric() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String help() {
    return help;
  }
}
