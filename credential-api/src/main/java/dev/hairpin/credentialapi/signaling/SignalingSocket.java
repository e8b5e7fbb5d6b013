package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.signaling.Participant.Departure;
import dev.hairpin.credentialapi.signaling.Participant.Link;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One WebSocket, on its own loop: bounds what comes, reads it, and says what others have to say.
final class SignalingSocket extends ChannelInboundHandlerAdapter implements Link {
  static final int MAX_MESSAGE_BYTES = 64 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(SignalingSocket.class);

  private static final long LINGER_SECONDS = 2;
  private static final byte[] NOTHING = {};

  private final Rooms rooms;
  private final InstantSource clock;
  private final Channel channel;
  private final Runnable onJoin;
  private final Flow flow;
  private byte[] begun = NOTHING;
  private @Nullable Participant participant;
  private boolean isClosing;
  private volatile Instant heardAt;

  /// @param onJoin what is to be done once, when it is no stranger any more
  SignalingSocket(Rooms rooms, InstantSource clock, Channel channel, Runnable onJoin) {
    this.rooms = rooms;
    this.clock = clock;
    this.channel = channel;
    this.onJoin = onJoin;
    this.heardAt = clock.instant();
    this.flow = new Flow(heardAt);
  }

  @Override
  public Instant heardAt() {
    return heardAt;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (isClosing) {
        if (message instanceof CloseWebSocketFrame) {
          drop();
        }
      } else if (message instanceof WebSocketFrame frame) {
        take(frame);
      } else { // came before the answer to the upgrade
        throw new Ending(End.MALFORMED, "only WebSocket frames are expected");
      }
    } catch (Ending e) {
      finish(e.end(), e.detail());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(WebSocketFrame frame) throws Ending {
    heardAt = clock.instant();
    if (!flow.take(frame.content().readableBytes(), heardAt)) {
      throw new Ending(End.TOO_MANY, "fewer and smaller messages are taken");
    }
    switch (frame) {
      case PingWebSocketFrame ping -> {
        if (isReading()) {
          write(new PongWebSocketFrame(ping.content().retain()));
        }
      }
      case PongWebSocketFrame _ -> {}
      case CloseWebSocketFrame _ -> {
        rooms.lose(this, participant); // before the client hears that it was heard
        close(WebSocketCloseStatus.NORMAL_CLOSURE);
      }
      case BinaryWebSocketFrame _ ->
          throw new Ending(End.MALFORMED, "messages are text, not binary");
      default -> { // text, or the continuation of one
        byte[] whole = joined(frame.content());
        begun = frame.isFinalFragment() ? NOTHING : whole;
        if (frame.isFinalFragment()) {
          take(ClientMessage.read(whole));
        }
      }
    }
  }

  private byte[] joined(ByteBuf content) throws Ending {
    int size = content.readableBytes();
    if (begun.length + size > MAX_MESSAGE_BYTES) {
      throw tooLarge();
    }
    byte[] whole = new byte[begun.length + size];
    System.arraycopy(begun, 0, whole, 0, begun.length);
    content.readBytes(whole, begun.length, size);
    return whole;
  }

  private static Ending tooLarge() {
    return new Ending(End.TOO_LARGE, "a message has 64 KiB at most");
  }

  private void take(ClientMessage message) throws Ending {
    var self = participant;
    if (self == null) {
      if (!(message instanceof ClientMessage.Join join)) {
        throw new Ending(End.MALFORMED, "the first message is join");
      }
      participant = rooms.join(join, this);
      onJoin.run();
      return;
    }
    switch (message) {
      case ClientMessage.Join _ -> throw new Ending(End.MALFORMED, "it has joined already");
      case ClientMessage.Description description ->
          rooms.relay(
              self, this, description.to(), ServerMessage.description(self.id(), description));
      case ClientMessage.Candidate candidate ->
          rooms.relay(
              self, this, candidate.to(), ServerMessage.candidate(self.id(), candidate.ice()));
      case ClientMessage.Plain.REFRESH ->
          send(ServerMessage.credentials(rooms.servers(self.holder())));
      case ClientMessage.Plain.PING -> send(ServerMessage.PONG);
      case ClientMessage.Plain.LEAVE -> {
        rooms.remove(this, self, Departure.LEFT);
        close(WebSocketCloseStatus.NORMAL_CLOSURE);
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException e) {
      var ending =
          e.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
              ? tooLarge()
              : new Ending(End.MALFORMED, "a frame is malformed");
      finish(ending.end(), ending.detail());
    } else {
      if (!(cause instanceof IOException)) { // but a reset; its message may quote what was said
        LOG.error("a WebSocket fails by {} at {}", cause.getClass(), at(cause));
      }
      drop();
    }
  }

  private static String at(Throwable cause) {
    var trace = cause.getStackTrace();
    return trace.length == 0 ? "" : trace[0].toString();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    isClosing = true;
    rooms.lose(this, participant);
  }

  /// Always in a task of its own, so that all comes in the order in which the rooms said it.
  @Override
  public void send(String json) {
    channel.eventLoop().execute(() -> write(json));
  }

  @Override
  public void end(End end, String detail) {
    channel.eventLoop().execute(() -> finish(end, detail));
  }

  @Override
  public Future<?> goAway() {
    return channel.eventLoop().submit(() -> close(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE));
  }

  private void write(String json) {
    if (isReading()) {
      write(new TextWebSocketFrame(ByteBufUtil.writeUtf8(channel.alloc(), json)));
    }
  }

  /// Whether more may be said; who reads too slowly is dropped.
  private boolean isReading() {
    if (!isClosing && !channel.isWritable()) {
      drop();
    }
    return !isClosing;
  }

  private void write(WebSocketFrame frame) {
    var _ = channel.writeAndFlush(frame);
  }

  private void finish(End end, String detail) {
    if (isClosing) {
      return;
    }
    if (participant == null) {
      rooms.refused(this, end);
    } else if (end.isForGood()) {
      rooms.remove(this, participant, Departure.REMOVED);
    }
    write(ServerMessage.problem(end.code(), detail, null));
    close(new WebSocketCloseStatus(end.status(), end.code()));
  }

  /// Says that nothing more is said, and waits a little for the client to hear it: a connection
  /// that is closed with something unread in it takes what was said last along.
  private void close(WebSocketCloseStatus status) {
    if (isClosing) {
      return;
    }
    isClosing = true;
    begun = NOTHING;
    write(new CloseWebSocketFrame(status));
    var _ = channel.eventLoop().schedule(this::drop, LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private void drop() {
    isClosing = true;
    var _ = channel.close();
  }
}
