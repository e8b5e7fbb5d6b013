package dev.hairpin.turnserver.telemetry;

import java.util.Locale;

/// Why something was thrown away without an answer. Every drop names one.
public enum DropReason {
  NOT_STUN_NOR_CHANNEL_DATA(
      "The first byte belongs to neither STUN nor ChannelData (RFC 8656 §12)."),
  MALFORMED_STUN("The header, an attribute or FINGERPRINT of a STUN message is broken."),
  NOT_FOR_A_SERVER("A response, a Data indication, or a method that this server does not know."),
  MALFORMED_INDICATION("A Send indication lacks an attribute or carries an unknown one."),
  MALFORMED_CHANNEL_DATA("A ChannelData message is shorter than its length field says."),
  NO_ALLOCATION("Data for a 5-tuple without an allocation."),
  CHANNEL_UNBOUND("ChannelData on a channel that is not bound."),
  NO_PERMISSION_FOR_PEER("A client's data for a peer without a permission."),
  PEER_DENIED("A client's data for a peer that the policy denies."),
  PEER_NOT_PERMITTED("A peer's datagram or connection without a permission for its address."),
  TCP_ALLOCATION("A Send indication for an allocation that has TCP connections (RFC 6062)."),
  TOO_MANY_CONNECTIONS("A peer's connection beyond those that its client has yet to take."),
  CONNECTION_NOT_BOUND("A connection with a peer that its client did not bind in 30 seconds."),
  TOO_LARGE("A payload that does not fit into one datagram towards its receiver."),
  BANDWIDTH("Data beyond what the allocation or its user may carry."),
  BYTES_SPENT("Data beyond the bytes that the allocation's credential is for."),
  NO_DESCRIPTOR("A client's connection beyond what the limit of descriptors allows."),
  CLIENT_AWAY(
      "A peer's datagram while the client has no connection and may come back with its ticket."),
  SEND_BUFFER_FULL("The kernel's send buffer was full."),
  SEND_REFUSED("The kernel refused to send: no route, a firewall, a message too long."),
  TRUNCATED("A datagram larger than the receive buffer."),
  BACKLOG_FULL(
      "A client took what was sent over TCP or TLS, or an event loop what came from another, more"
          + " slowly than it came."),
  TLS_FAILED("A connection that did not come to an agreement on TLS."),
  MALFORMED_PROXY_HEADER("A load balancer's connection without a PROXY header, or a broken one."),
  CONNECTION_TIMED_OUT("A connection that did not say enough in time, and was closed."),
  NO_DTLS_SESSION("A datagram that is neither of a DTLS session nor a sound ClientHello."),
  MALFORMED_DTLS("A datagram of a DTLS client that is not made of sound records."),
  DTLS_BUSY("Beyond the bounds on DTLS sessions, handshakes, or what waits for a handshake."),
  NOT_SERVED("A request for the half of the service that is switched off: STUN or TURN."),
  DISCOVERY_BUDGET(
      "More answers from or to elsewhere (RFC 5780) were asked for than are given in a second."),
  ANSWER_BUDGET(
      "A request over UDP beyond those that a source gets answered in a second before it shows a"
          + " nonce."),
  TOO_MANY_STRANGERS(
      "A TCP or TLS connection beyond those that clients without an allocation may have."),
  ACCEPT_FAILED("The system gave no connection: descriptors have run out. It is asked again."),
  TLS_BUSY("A TLS handshake beyond those that a source may begin, or that are computed in time."),
  WRONG_PASSWORDS("A request of a source that has shown too many wrong passwords."),
  IMPOSSIBLE_SOURCE(
      "A request that came from port 0, or by which a relayed address of this server would get an"
          + " allocation (RFC 8656 §21.1.7)."),
  INTERNAL_FAULT("Handling the packet failed: a defect of this server, told in its log.");

  private final String help;

  DropReason(String help) {
    this.help = help;
  }

  public String help() {
    return help;
  }

  /// The value of the metric's label `reason`.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
