package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.loop.RequestPath.Request;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.transport.UdpListener;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.AnswerWriter;
import dev.hairpin.turnserver.turn.TurnRequestDecoder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Answers Binding requests from the address and to the port that a client wishes (RFC 5780 §6.1),
/// by the four sockets of one loop.
final class Discovery {
  private static final int CHANGE_IP = 0x04;
  private static final int CHANGE_PORT = 0x02;
  private static final int FIRST_FREE_PORT = 1_024;
  private static final Set<Integer> OWN_ATTRIBUTES =
      Set.of(Attribute.CHANGE_REQUEST, Attribute.RESPONSE_PORT, Attribute.PADDING);

  /// Answers a second that go elsewhere, or come from elsewhere, than is usual.
  private static final int BUDGET = 100;

  private final NatDiscovery settings;

  /// As the settings number them.
  private final List<UdpListener> sockets;

  private long second;
  private int spent;

  /// @param settings with the ports that are bound
  Discovery(NatDiscovery settings, Listeners listeners) {
    this.settings = settings;
    this.sockets = IntStream.range(0, 4).mapToObj(i -> listeners.udp(settings.local(i))).toList();
  }

  /// Whether this is for a request. RFC 3489 knew less.
  boolean covers(ClientSocket socket, StunMessage message) {
    return !message.isClassic() && sockets.contains(socket);
  }

  /// The answer that goes back the usual way, or null where one has gone another way, or none may.
  @Nullable Answer answer(Request request, AnswerWriter writer) {
    var message = request.message();
    int[] unknown = TurnRequestDecoder.unknownAttributes(message, OWN_ATTRIBUTES);
    if (unknown.length > 0) {
      return new Answer.UnknownAttributes(unknown);
    }
    var client = request.client();
    long change = message.numberOf(Attribute.CHANGE_REQUEST);
    int port = message.find(Attribute.RESPONSE_PORT);
    boolean pads = message.has(Attribute.PADDING);
    int padding = pads ? padding(message, client, request.packet().length()) : 0;
    if ((change < 0 && message.has(Attribute.CHANGE_REQUEST))
        || (port >= 0 && (pads || !isFreePort(message, port)))
        || padding < 0) {
      return Answer.refused(ErrorCode.BAD_REQUEST);
    }
    int flags = change < 0 ? 0 : (int) change;
    int at = sockets.indexOf(request.socket());
    int from = at ^ ((flags & CHANGE_IP) / 2 + (flags & CHANGE_PORT) / 2);
    var to =
        port < 0
            ? client
            : new TransportAddress(
                client.ip(), message.buffer().getUnsignedShort(message.offsetOf(port)));
    var answer = new Answer.Discovered(client, settings.told(from), settings.told(at ^ 3), padding);
    if (from == at && to.equals(client)) {
      return answer;
    }
    if (spends(request.nanos())) {
      var response = writer.write(answer, message, null);
      sockets.get(from).linkTo(to, request.packet()).send(response);
    } else {
      writer.counters().drop(DropReason.DISCOVERY_BUDGET);
    }
    return null;
  }

  /// Two bytes, and two of padding that not everybody counts (RFC 5780 §7.5). Ports that services
  /// have are nobody's to send to.
  private static boolean isFreePort(StunMessage message, int at) {
    int length = message.lengthOf(at);
    return (length == Short.BYTES || length == Integer.BYTES)
        && message.buffer().getUnsignedShort(message.offsetOf(at)) >= FIRST_FREE_PORT;
  }

  /// As much as came, but never more than keeps the answer within the request's size; negative
  /// where nothing does.
  private static int padding(StunMessage message, TransportAddress client, int bytes) {
    int addresses = 4 * (client.ip().isIpv4() ? 12 : 24);
    int room = bytes - StunMessage.HEADER_BYTES - addresses - (message.hasFingerprint() ? 8 : 0);
    return Math.min(message.lengthOf(message.find(Attribute.PADDING)), room - 4) & ~3;
  }

  private boolean spends(long nowNanos) {
    long now = TimeUnit.NANOSECONDS.toSeconds(nowNanos);
    spent = now == second ? spent + 1 : 1;
    second = now;
    return spent <= BUDGET;
  }
}
