package dev.hairpin.credentialapi.http;

import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Keeps slow clients from holding connections: one more than there may be is closed at once, and
/// each has a time in which a whole request must have come, and another for its answer to leave. An
/// idle timeout alone would let a client live on one byte every now and then. An answer without an
/// end has that time for each of its parts.
@Singleton
final class ConnectionGuard extends ConnectionCustomizer {
  /// On the heap, where what nobody gives back is collected: the framework forgets parts of an
  /// answer without an end that are under way when its client goes.
  private static final ByteBufAllocator COLLECTED = new UnpooledByteBufAllocator(false, true);

  private static final AttributeKey<AtomicInteger> COUNTED =
      AttributeKey.valueOf(ConnectionGuard.class, "counted");

  private final @Nullable CallerGate gate;
  private final AtomicInteger direct = new AtomicInteger();
  private final AtomicInteger throughGate = new AtomicInteger();

  ConnectionGuard(@Nullable TlsCallers tlsCallers) {
    gate = tlsCallers == null ? null : new CallerGate(tlsCallers);
  }

  @Override
  protected NettyServerCustomizer of(Channel connection) {
    return new Connection(connection);
  }

  /// Counts a connection no more: it has become something else that is bounded in its own way.
  static void release(Channel channel) {
    var connections = channel.attr(COUNTED).getAndSet(null);
    if (connections != null) {
      connections.decrementAndGet();
    }
    CallerGate.release(channel);
  }

  private final class Connection implements NettyServerCustomizer {
    private final Channel channel;

    Connection(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void onInitialPipelineBuilt() {
      channel.config().setAllocator(COLLECTED);
      boolean passesGate = gate != null && gate.isFor(channel);
      var connections = passesGate ? throughGate : direct;
      channel.attr(COUNTED).set(connections);
      channel.closeFuture().addListener(_ -> release(channel));
      if (connections.incrementAndGet() > Limits.MAX_CONNECTIONS) {
        var _ = channel.close();
      } else if (gate != null && passesGate) {
        gate.guard(channel);
      }
    }

    @Override
    public void onStreamPipelineBuilt() {
      addBehindCodec(channel, "deadline", new Deadline(Limits.PATIENCE));
      addBehindCodec(channel, "courtesy", Courtesy.BETWEEN_CALLS);
    }
  }

  /// Closes a connection that takes longer than a duration for a request or for an answer.
  static final class Deadline extends ChannelDuplexHandler {
    private static final AsciiString EVENT_STREAM = AsciiString.cached("text/event-stream");

    private final Duration patience;
    private boolean isEndless;
    private @Nullable Future<?> end;

    Deadline(Duration patience) {
      this.patience = patience;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      restart(ctx);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
      stop();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      stop();
      super.channelInactive(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
      if (isBrokenBody(message)) {
        ReferenceCountUtil.release(message);
        close(ctx); // the framework would take what came so far for the whole
        return;
      }
      if (message instanceof LastHttpContent) {
        restart(ctx);
      }
      super.channelRead(ctx, message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
        throws Exception {
      if (message instanceof HttpResponse answer) {
        isEndless =
            EVENT_STREAM.contentEqualsIgnoreCase(
                answer.headers().get(HttpHeaderNames.CONTENT_TYPE, ""));
      }
      if (message instanceof LastHttpContent || isEndless) {
        var written = promise.unvoid();
        written.addListener(_ -> restart(ctx));
        super.write(ctx, message, written);
      } else {
        super.write(ctx, message, promise);
      }
    }

    private static boolean isBrokenBody(Object message) {
      return message instanceof HttpContent body
          && !(message instanceof HttpRequest)
          && body.decoderResult().isFailure();
    }

    private void restart(ChannelHandlerContext ctx) {
      stop();
      if (ctx.isRemoved()) {
        return;
      }
      end = ctx.executor().schedule(() -> close(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void close(ChannelHandlerContext ctx) {
      var _ = ctx.close();
    }

    private void stop() {
      if (end != null) {
        end.cancel(false);
      }
    }
  }
}
