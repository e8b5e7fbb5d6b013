package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.testkit.Allocation;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One client before one server, with two peers at hand: where a row of the table is played.
final class Scene implements AutoCloseable {
  /// The channel that is bound to `peer` where the state says that one is bound.
  static final int CHANNEL = 0x4000;

  final TestTurnClient client;
  final Canary peer;
  final Canary otherPeer;
  private final TurnServer server;
  private final TurnCredential owner;
  private Bytes firstAllocate = Bytes.EMPTY;
  private @Nullable InetSocketAddress relayed;
  private @Nullable Reservation reservation;
  private @Nullable ServerSocket tcpPeer;

  /// A port that another client of the same user has reserved.
  private record Reservation(TestTurnClient holder, Bytes token, int port) {}

  Scene(TurnServer server) {
    this.server = server;
    this.client = Venue.alice(server);
    this.owner = client.credential();
    var ip = Venue.addressOf(server).getAddress();
    this.peer = Canary.at(ip);
    this.otherPeer = Canary.at(ip);
  }

  /// Makes the client's allocation and keeps the request that made it.
  Scene allocated(int lifetimeSeconds) {
    boolean ipv6 = server().getAddress().equals(Venue.IPV6);
    firstAllocate =
        client.signed(
            Methods.ALLOCATE,
            m -> m.requestedTransport().requestedFamily(ipv6 ? 2 : 1).lifetime(lifetimeSeconds));
    var response = client.exchange(firstAllocate);
    if (!response.isSuccess()) {
      throw new AssertionError("the scene could not be set: " + response);
    }
    relayed = Allocation.of(response).relayed();
    return this;
  }

  /// Makes an allocation of both families.
  Scene allocatedBoth() {
    relayed = client.allocateDual().relayedIpv4();
    return this;
  }

  /// Makes a TCP allocation.
  Scene allocatedTcp() {
    relayed = client.allocateTcp().relayed();
    return this;
  }

  /// A peer that accepts TCP connections.
  InetSocketAddress listeningPeer() {
    try {
      if (tcpPeer == null) {
        tcpPeer = new ServerSocket(0, 1, server().getAddress());
      }
      return (InetSocketAddress) tcpPeer.getLocalSocketAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Lets another client of the same user reserve a port.
  Scene reserved() {
    var holder = Venue.alice(server);
    var response =
        holder.call(
            Methods.ALLOCATE,
            m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)));
    int even = Allocation.of(response).relayed().getPort();
    reservation = new Reservation(holder, response.require(Attributes.RESERVATION_TOKEN), even + 1);
    return this;
  }

  Bytes token() {
    return Objects.requireNonNull(reservation, "no reservation in this scene").token();
  }

  int reservedPort() {
    return Objects.requireNonNull(reservation, "no reservation in this scene").port();
  }

  /// The relayed address of the client's allocation.
  InetSocketAddress relayed() {
    return Objects.requireNonNull(relayed, "no allocation in this scene");
  }

  Bytes firstAllocate() {
    return firstAllocate;
  }

  TurnServer turnServer() {
    return server;
  }

  InetSocketAddress server() {
    return Venue.addressOf(server);
  }

  /// Sends what should be met with silence. Once two more questions have been answered, everything
  /// that it could have led to would be there: a stray answer fails the question, and the peers
  /// tell what reached them.
  void sendAndSettle(Bytes datagram) {
    client.sendRaw(datagram);
    client.binding();
    client.binding();
  }

  /// Leaves no allocation behind: the system may give the same port to the client of another row.
  @Override
  public void close() {
    client.with(owner).call(Methods.REFRESH, m -> m.lifetime(0));
    client.close();
    if (reservation != null) {
      reservation.holder().refresh(0);
      reservation.holder().close();
    }
    peer.close();
    otherPeer.close();
    try (var _ = tcpPeer) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
