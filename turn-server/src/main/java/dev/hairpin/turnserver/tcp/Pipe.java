package dev.hairpin.turnserver.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Passes on whatever one connection receives to another, unchanged and in order. While the other
/// cannot take more, nothing is read, so that no more than the other's backlog is kept. The two may
/// belong to different loops.
public final class Pipe extends ChannelInboundHandlerAdapter {
  private final Channel to;

  private Pipe(Channel to) {
    this.to = to;
  }

  /// Joins two connections at the ends of their pipelines. When one ends, the other is closed
  /// behind what is still to be sent.
  public static void join(Channel one, Channel other) {
    one.pipeline().addLast(new Pipe(other));
    other.pipeline().addLast(new Pipe(one));
    one.config().setAutoRead(true);
    other.config().setAutoRead(true);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (!context.channel().isActive()) {
      end();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    var _ = to.write(bytes, to.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    to.flush();
    if (!to.isWritable()) {
      context.channel().config().setAutoRead(false);
      if (to.isWritable()) { // drained in between, by its own loop
        context.channel().config().setAutoRead(true);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      to.config().setAutoRead(true);
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
    context.fireChannelInactive();
  }

  private void end() {
    to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close(); // a reset: what it was is the peers' matter
  }
}
