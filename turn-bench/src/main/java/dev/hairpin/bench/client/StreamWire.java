package dev.hairpin.bench.client;

import dev.hairpin.bench.Target;
import dev.hairpin.turnserver.stun.StunMessage;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A TCP or TLS connection of a client. What is sent within a turn leaves as one write.
final class StreamWire implements Wire {
  private static final int CONNECT_MILLIS = 7_000;
  private static final int BATCH_BYTES = 16_384;
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(128 << 10, 256 << 10);

  private final IoEventLoop loop;
  private final Listener listener;
  private final Runnable flush = this::flush;
  private final Channel channel;
  private @Nullable ByteBuf batch;
  private boolean ended;

  StreamWire(IoEventLoop loop, Target target, Listener listener) {
    this.loop = loop;
    this.listener = listener;
    var tls = target.tls();
    var opening =
        new Bootstrap()
            .group(loop)
            .channel(
                loop.isIoType(EpollIoHandler.class)
                    ? EpollSocketChannel.class
                    : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MARKS)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    if (tls != null) {
                      opened.pipeline().addLast(new SslHandler(tls.newEngine()));
                    }
                    opened.pipeline().addLast(new Cutter(tls != null));
                  }
                })
            .connect(target.address());
    channel = opening.channel();
    opening.addListener(
        done -> {
          var cause = done.cause();
          if (cause != null) {
            end(String.valueOf(cause.getMessage()));
          } else if (tls == null) {
            listener.onOpen();
          }
        });
  }

  /// Cuts the stream into messages (RFC 8656 §12.4: ChannelData is padded here).
  private final class Cutter extends ByteToMessageDecoder {
    private static final int HEADER_BYTES = 4;

    private final boolean encrypted;

    Cutter(boolean encrypted) {
      this.encrypted = encrypted;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      while (in.readableBytes() >= HEADER_BYTES) {
        int at = in.readerIndex();
        int stated = in.getUnsignedShort(at + 2);
        boolean stun = StunMessage.startsWith(in.getByte(at));
        int length = stun ? StunMessage.HEADER_BYTES + stated : HEADER_BYTES + stated;
        int onWire = length + 3 & ~3;
        if (in.readableBytes() < onWire) {
          return;
        }
        in.skipBytes(onWire);
        listener.onMessage(in, at, length);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (encrypted && event instanceof SslHandshakeCompletionEvent done) {
        if (done.isSuccess()) {
          listener.onOpen();
        } else {
          String why = done.cause().getMessage();
          end("TLS: " + (why == null ? "the server closed the connection" : why));
        }
      }
      super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      super.channelInactive(context);
      end("the server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end(String.valueOf(cause.getMessage()));
      var _ = context.close();
    }
  }

  private void end(String reason) {
    if (!ended) {
      ended = true;
      listener.onEnd(reason);
    }
  }

  @Override
  public void request(ByteBuf message) {
    append(message, message.readableBytes());
  }

  @Override
  public boolean data(ByteBuf message, int length) {
    if (ended || !channel.isWritable()) {
      return false;
    }
    append(message, length);
    return true;
  }

  private void append(ByteBuf message, int length) {
    if (ended) {
      return;
    }
    int onWire = length + 3 & ~3;
    if (batch != null && batch.writableBytes() < onWire) {
      flush();
    }
    if (batch == null) {
      batch = channel.alloc().directBuffer(BATCH_BYTES, BATCH_BYTES);
      loop.execute(flush);
    }
    batch.writeBytes(message, 0, length).writeZero(onWire - length);
  }

  private void flush() {
    var full = batch;
    if (full != null) {
      batch = null;
      var _ = channel.writeAndFlush(full, channel.voidPromise());
    }
  }

  @Override
  public boolean isDatagram() {
    return false;
  }

  @Override
  public int udpPort() {
    return 0;
  }

  @Override
  public void close() {
    ended = true;
    flush();
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }
}
