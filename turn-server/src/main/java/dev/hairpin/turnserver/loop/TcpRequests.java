package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.Allocator;
import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.loop.RequestPath.Request;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.relay.RelayPools;
import dev.hairpin.turnserver.relay.TcpRelaySocket;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.transport.StreamConnection;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// What RFC 6062 does otherwise than all other requests: a Connect is answered later, and what
/// carried a ConnectionBind carries no message any more.
///
/// @param pools those for TCP
/// @param allocator brings TCP allocations into being
record TcpRequests(RelayPools pools, Allocator allocator, AnswerWriter writer) {
  /// Whose connection a ConnectionBind is about, or null: like an allocation, it outlives the
  /// credential that it was made with.
  @Nullable Known ownerOf(StunMessage message) {
    long id = message.numberOf(Attribute.CONNECTION_ID);
    if (message.method() != Method.CONNECTION_BIND || id < 0) {
      return null;
    }
    var connection = pools.pendingConnections().get((int) id);
    return connection == null ? null : connection.owner();
  }

  /// Connects to a peer against which nothing stands (RFC 6062 §5.2).
  ///
  /// @return an answer where there is one at once, or null
  @Nullable Answer connect(
      Allocation allocation, TransportAddress peer, Packet packet, IntegrityKey key) {
    if (!(allocation.relayTowards(peer.ip().high(), peer.ip().low())
        instanceof TcpRelaySocket relay)) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    // the request that is being handled, to be answered later
    var bytes = Unpooled.copiedBuffer(packet.buffer().slice(packet.offset(), packet.length()));
    var request = new StunMessage();
    request.decode(bytes, 0, packet.length());
    var error =
        relay.connect(peer, answer -> allocation.client().send(writer.write(answer, request, key)));
    return error == null ? null : Answer.refused(error);
  }

  /// RFC 6062 §5.4, on a connection without an allocation.
  ///
  /// @return why not, or null where the response has been sent and the connection is a pipe
  @Nullable Answer bind(Request request, int id, Known asker) {
    var pending = pools.pendingConnections();
    var peer = pending.get(id);
    if (!(request.socket() instanceof StreamConnection connection) || peer == null) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    if (!asker.standsFor(peer.owner())) {
      return Answer.refused(ErrorCode.WRONG_CREDENTIALS);
    }
    if (!pending.remove(id, peer)) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    var response = writer.write(Answer.Done.DONE, request.message(), asker.key());
    connection.answer(response, request.packet());
    peer.bind(connection.becomePipe());
    return null;
  }
}
