package dev.hairpin.deploy.check;

import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.net.InetSocketAddress;

/// Finds out what stands between this machine and a server with two addresses, by the tests of RFC
/// 5780 §4.3 and §4.4. UDP only.
final class NatDiscovery {
  private final InetSocketAddress server;
  private final TransportAddress primary;

  /// What was found.
  ///
  /// @param local where the requests came from
  /// @param mapped whom the server saw
  record Finding(
      TransportAddress local, TransportAddress mapped, NatBehavior mapping, NatBehavior filtering) {
    boolean isTranslated() {
      return !local.equals(mapped);
    }
  }

  NatDiscovery(InetSocketAddress server) {
    this.server = server;
    this.primary = TransportAddress.of(server);
  }

  /// Takes up to eight seconds, for silence is an answer too.
  Finding run() throws CheckException {
    try {
      var filtering = filtering(); // first: what goes to the other address opens the filter for it
      try (var socket = new BindingSocket(server)) {
        var first = ask(socket, primary);
        var mapping = mapping(socket, first);
        return new Finding(socket.localAddress(), first.mapped(), mapping, filtering);
      }
    } catch (IOException e) {
      throw new CheckException("cannot send: " + e.getMessage(), "is there a route to the server?");
    }
  }

  /// RFC 5780 §4.3.
  private NatBehavior mapping(BindingSocket socket, Seen first) throws CheckException, IOException {
    var second = ask(socket, new TransportAddress(first.other().ip(), primary.port()));
    if (second.mapped().equals(first.mapped())) {
      return NatBehavior.ENDPOINT_INDEPENDENT;
    }
    var third = ask(socket, first.other());
    return third.mapped().equals(second.mapped())
        ? NatBehavior.ADDRESS_DEPENDENT
        : NatBehavior.ADDRESS_AND_PORT_DEPENDENT;
  }

  /// RFC 5780 §4.4, from a port that nothing has left from but towards the primary address.
  private NatBehavior filtering() throws CheckException, IOException {
    try (var socket = new BindingSocket(server)) {
      var other = ask(socket, primary).other();
      if (comesFrom(socket, BindingSocket.CHANGE_IP | BindingSocket.CHANGE_PORT, other)) {
        return NatBehavior.ENDPOINT_INDEPENDENT;
      }
      var otherPort = new TransportAddress(primary.ip(), other.port());
      return comesFrom(socket, BindingSocket.CHANGE_PORT, otherPort)
          ? NatBehavior.ADDRESS_DEPENDENT
          : NatBehavior.ADDRESS_AND_PORT_DEPENDENT;
    }
  }

  /// Whether an answer from another address of the server gets through.
  private boolean comesFrom(BindingSocket socket, int change, TransportAddress expected)
      throws CheckException, IOException {
    var answer = socket.ask(primary, change);
    if (answer == null) {
      return false;
    }
    if (answer.mapped() == null || !answer.from().equals(expected)) {
      throw unsupported("it does not answer from " + expected + " when asked to");
    }
    return true;
  }

  /// What a server that takes part in the tests says.
  private record Seen(TransportAddress mapped, TransportAddress other) {}

  private static Seen ask(BindingSocket socket, TransportAddress target)
      throws CheckException, IOException {
    var answer = socket.ask(target, 0);
    if (answer == null) {
      throw new CheckException(
          "no answer from " + target,
          "is the server up, and does every firewall on the way let its UDP ports pass?");
    }
    var mapped = answer.mapped();
    var other = answer.other();
    if (mapped == null || other == null) {
      throw unsupported(
          answer.errorCode() == 0
              ? "it names no second address (OTHER-ADDRESS)"
              : "it answers with error " + answer.errorCode());
    }
    return new Seen(mapped, other);
  }

  private static CheckException unsupported(String why) {
    return new CheckException(
        "the server does not help to discover NATs: " + why,
        "it needs two addresses and RFC 5780; try another server");
  }
}
