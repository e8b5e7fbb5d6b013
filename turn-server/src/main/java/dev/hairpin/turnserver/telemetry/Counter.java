package dev.hairpin.turnserver.telemetry;

/// Everything that is counted, apart from drops. A constant is one time series: a metric, and where
/// there is one, the value of its only label.
public enum Counter {
  ALLOCATIONS_OPENED("allocations_opened", "Allocations granted."),
  ALLOCATIONS_CLOSED("allocations_closed", "Allocations that ended, for whatever reason."),
  CLIENT_PACKETS_IN("client_packets_in", "Datagrams received from clients."),
  CLIENT_BYTES_IN("client_bytes_in", "Bytes received from clients, headers of TURN included."),
  TO_PEER_PACKETS("to_peer_packets", "Payloads handed to the kernel for peers."),
  TO_PEER_BYTES("to_peer_bytes", "Bytes of payload for peers."),
  TO_CLIENT_PACKETS("to_client_packets", "Payloads from peers handed to the kernel for clients."),
  TO_CLIENT_BYTES("to_client_bytes", "Bytes of payload from peers for clients."),
  ALLOCATIONS_MOVED("allocations_moved", "Moves of clients to another address (RFC 8016)."),
  MESSAGES_ACROSS_LOOPS(
      "messages_across_loops",
      "Messages of clients that came, by moving, to another event loop than their allocation's."),
  CONNECTIONS_OPENED("connections_opened", "TCP and TLS connections accepted."),
  CONNECTIONS_CLOSED("connections_closed", "TCP and TLS connections that ended."),
  ICMP_TO_CLIENT(
      "icmp_to_client", "ICMP errors from peers or on the way to them, told to clients."),
  DTLS_COOKIES("dtls_cookies", "Cookies sent to clients that begin with DTLS."),
  DTLS_SESSIONS_OPENED("dtls_sessions_opened", "DTLS handshakes begun with a good cookie."),
  DTLS_SESSIONS_CLOSED("dtls_sessions_closed", "DTLS sessions that ended, failed ones included."),
  PEER_CONNECTIONS_OPENED("peer_connections_opened", "TCP connections with peers (RFC 6062)."),
  PEER_CONNECTIONS_CLOSED("peer_connections_closed", "TCP connections with peers that ended."),
  SUCCESS_RESPONSES("success_responses", "Success responses, Binding included."),
  ERROR_300("300"),
  ERROR_400("400"),
  ERROR_401("401"),
  ERROR_403("403"),
  ERROR_405("405"),
  ERROR_420("420"),
  ERROR_437("437"),
  ERROR_438("438"),
  ERROR_440("440"),
  ERROR_441("441"),
  ERROR_442("442"),
  ERROR_443("443"),
  ERROR_446("446"),
  ERROR_447("447"),
  ERROR_486("486"),
  ERROR_500("500"),
  ERROR_508("508");

  /// The metric that all error responses share; its label is `code`.
  public static final String ERROR_RESPONSES = "error_responses";

  private final String metric;
  private final String code;
  private final String help;

  Counter(String metric, String help) {
    this.metric = metric;
    this.code = "";
    this.help = help;
  }

  Counter(String code) {
    this.metric = ERROR_RESPONSES;
    this.code = code;
    this.help = "Error responses by STUN error code.";
  }

  /// The counter of an error code; every code that an answer can carry has one.
  public static Counter ofErrorCode(int code) {
    return valueOf("ERROR_" + code);
  }

  /// The metric's name, without prefix and suffix.
  public String metric() {
    return metric;
  }

  /// The value of the label `code`, or an empty string where the metric has no label.
  public String code() {
    return code;
  }

  public String help() {
    return help;
  }
}
