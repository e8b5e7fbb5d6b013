package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Turns every answer into a message: the one place that adds integrity and fingerprint, and
/// counts.
///
/// @param out where it is written, over the former one
public record AnswerWriter(MessageIntegrity integrity, Counters counters, ByteBuf out) {
  /// Writes the response to `request`.
  ///
  /// @param key what the response is signed with, or null where the request was not authenticated
  public ByteBuf write(Answer answer, StunMessage request, @Nullable IntegrityKey key) {
    var error = answer.error();
    var messageClass = error == null ? MessageClass.SUCCESS : MessageClass.ERROR;
    var response = new StunWriter(out.clear(), messageClass, request);
    if (error == null) {
      counters.increment(Counter.SUCCESS_RESPONSES);
    } else {
      counters.error(error.code());
      response.error(error);
    }
    content(answer, request, response);
    if (key != null) {
      response.integrity(integrity, key);
    }
    if (request.hasFingerprint()) {
      response.fingerprint();
    }
    return out;
  }

  private static void content(Answer answer, StunMessage request, StunWriter response) {
    switch (answer) {
      case Answer.Reflexive(var mapped) when request.isClassic() ->
          response.plainAddress(Attribute.MAPPED_ADDRESS, mapped);
      case Answer.Reflexive(var mapped) -> response.address(Attribute.XOR_MAPPED_ADDRESS, mapped);
      case Answer.Discovered(var mapped, var origin, var other, var padding) -> {
        response
            .address(Attribute.XOR_MAPPED_ADDRESS, mapped)
            .plainAddress(Attribute.MAPPED_ADDRESS, mapped)
            .plainAddress(Attribute.RESPONSE_ORIGIN, origin)
            .plainAddress(Attribute.OTHER_ADDRESS, other);
        if (padding > 0) {
          response.bytes(Attribute.PADDING, new byte[padding]);
        }
      }
      case Answer.Allocated(var relayed, var mapped, var lifetime, var token, var missing) -> {
        relayed.forEach(address -> response.address(Attribute.XOR_RELAYED_ADDRESS, address));
        response
            .address(Attribute.XOR_MAPPED_ADDRESS, mapped)
            .integer(Attribute.LIFETIME, (int) lifetime);
        if (token != null) {
          response.bytes(
              Attribute.RESERVATION_TOKEN, ByteBuffer.allocate(Long.BYTES).putLong(token).array());
        }
        if (missing != null) {
          response.addressError(missing.family(), missing.error());
        }
      }
      case Answer.Refreshed(var lifetime) -> response.integer(Attribute.LIFETIME, (int) lifetime);
      case Answer.Connected(var id) -> response.integer(Attribute.CONNECTION_ID, id);
      case Answer.Ticketed(var success, var ticket) -> {
        content(success, request, response);
        response.bytes(Attribute.MOBILITY_TICKET, ticket);
      }
      case Answer.Done _, Answer.Refused _ -> {}
      case Answer.Redirected(var alternate, var domain) -> {
        response.plainAddress(Attribute.ALTERNATE_SERVER, alternate);
        if (!domain.isEmpty()) {
          response.bytes(Attribute.ALTERNATE_DOMAIN, domain.getBytes(StandardCharsets.UTF_8));
        }
      }
      case Answer.UnknownAttributes(var types) -> response.unknownAttributes(types);
      case Answer.Challenge(_, var realm, var nonce, var algorithms) -> {
        response
            .bytes(Attribute.REALM, realm.getBytes(StandardCharsets.UTF_8))
            .bytes(Attribute.NONCE, nonce);
        if (algorithms.length > 0) {
          response.bytes(Attribute.PASSWORD_ALGORITHMS, algorithms);
        }
      }
    }
  }
}
