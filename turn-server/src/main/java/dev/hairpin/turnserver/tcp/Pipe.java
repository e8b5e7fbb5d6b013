package dev.hairpin.turnserver.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/// Passes on whatever one connection receives to another, unchanged and in order. While the other
/// cannot take more, nothing is read, so that no more than the other's backlog is kept. The two may
/// belong to different loops. Nothing stands behind it in a pipeline.
public final class Pipe extends ChannelInboundHandlerAdapter {
  /// When a connection's other side ends, Netty reads all that the kernel has of it, wanted or not.
  private static final int RECEIVE_BUFFER_BYTES = 256 << 10;

  /// Whoever has to wait is looked at again after so long at the latest.
  private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final SocketChannel to;
  private final Meter meter;

  /// What may be read for now has been.
  private volatile boolean waits;

  private Pipe(SocketChannel to, Meter meter) {
    this.to = to;
    this.meter = meter;
  }

  /// Limits how much is read.
  public interface Meter {
    Meter UNLIMITED = _ -> 0;

    /// Counts bytes, and returns for how many nanoseconds no more are to be read; negative where
    /// not even these may pass. Asked by any loop.
    long charge(int bytes);
  }

  /// Keeps what comes to a connection that is to be one end of a pipe and is not read any more.
  public static final class Holder extends FlowControlHandler {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  /// Joins two connections that have holders, each on its own loop. When one ends, the other is
  /// closed behind what is still to be sent; one that only ends its direction may go on receiving,
  /// where it was allowed half-closure.
  ///
  /// @param ofOne limits what comes from the one
  /// @param ofOther limits what comes from the other
  public static void join(SocketChannel one, SocketChannel other, Meter ofOne, Meter ofOther) {
    Runnable back =
        () -> {
          lead(other, one, ofOther);
          resume(one);
          resume(other);
        };
    Runnable forth =
        () -> {
          lead(one, other, ofOne);
          other.eventLoop().execute(back);
        };
    one.eventLoop().execute(forth);
  }

  private static void lead(SocketChannel from, SocketChannel to, Meter meter) {
    var pipe = new Pipe(to, meter);
    if (from.isOpen()) {
      var config = from.config();
      config.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
      config.setWriteBufferWaterMark(WriteBufferWaterMark.DEFAULT);
      if (config.getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator reads) {
        reads.maxMessagesPerRead(1); // the other's backlog is looked at after each
      }
      from.pipeline().addLast(pipe);
      from.pipeline().remove(Holder.class);
    }
    if (!from.isActive()) {
      pipe.end();
    } else if (from.isInputShutdown()) {
      pipe.endDirection(from);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    long nanos = meter.charge(((ByteBuf) bytes).readableBytes());
    if (nanos < 0) {
      ReferenceCountUtil.release(bytes);
      var _ = context.close();
      return;
    }
    hold(context, nanos);
    var _ = to.write(bytes, to.voidPromise());
  }

  /// Reads no more for a while; a timer lives no longer than that.
  private void hold(ChannelHandlerContext context, long nanos) {
    if (nanos > 0 && context.channel().isOpen()) {
      context.channel().config().setAutoRead(false);
      if (!waits) {
        waits = true;
        long wait = Math.min(nanos, LONGEST_WAIT_NANOS);
        var _ = context.executor().schedule(() -> retry(context), wait, TimeUnit.NANOSECONDS);
      }
    }
  }

  private void retry(ChannelHandlerContext context) {
    waits = false;
    hold(context, meter.charge(0));
    if (!waits && to.isWritable()) {
      resume((SocketChannel) context.channel());
    }
  }

  /// Netty would go on reading where nothing comes any more.
  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    var from = (SocketChannel) context.channel();
    to.flush();
    if (!to.isWritable() || from.isInputShutdown()) {
      from.config().setAutoRead(false);
      if (to.isWritable()) { // drained in between, by its own loop
        resume(from);
      }
    }
  }

  private static void resume(SocketChannel channel) {
    var pipe = channel.pipeline().get(Pipe.class);
    if (!channel.isInputShutdown() && (pipe == null || !pipe.waits)) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      resume(to);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endDirection((SocketChannel) context.channel());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
  }

  private void end() {
    if (to.isOpen()) {
      sent().addListener(ChannelFutureListener.CLOSE);
    }
  }

  /// Nothing more comes from here. TLS ends as a whole.
  private void endDirection(SocketChannel from) {
    if (isTls(from) || isTls(to)) {
      end();
      return;
    }
    sent()
        .addListener(
            _ -> {
              var _ = to.isInputShutdown() ? to.close() : to.shutdownOutput();
            });
    from.config().setAutoRead(false);
    if (from.isOutputShutdown()) {
      var _ = from.close();
    }
  }

  private static boolean isTls(SocketChannel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /// Done once everything that was written until now is with the kernel.
  private ChannelFuture sent() {
    return to.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close(); // a reset: what it was is the peers' matter
  }
}
