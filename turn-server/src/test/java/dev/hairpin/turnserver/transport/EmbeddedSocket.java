package dev.hairpin.turnserver.transport;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DefaultSocketChannelConfig;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/// A TCP connection without a kernel: bytes are written into its pipeline by the test.
final class EmbeddedSocket extends EmbeddedChannel implements SocketChannel {
  static final InetSocketAddress CLIENT = new InetSocketAddress("127.0.0.9", 4711);
  private static final InetSocketAddress SERVER = new InetSocketAddress("127.0.0.1", 3478);
  static final UnpooledByteBufAllocator HEAP =
      new UnpooledByteBufAllocator(false, true); // no leak detector: it looks at the stack

  /// The configuration sets an option at once, for which a true socket would be opened.
  private static final Socket NONE =
      new Socket() {
        @Override
        public void setTcpNoDelay(boolean on) {}
      };

  private @Nullable SocketChannelConfig config;

  /// The other end takes nothing.
  boolean stalls;

  @Override
  protected void doWrite(ChannelOutboundBuffer out) throws Exception {
    if (!stalls) {
      super.doWrite(out);
    }
  }

  /// Asked for by the constructor above, before there are fields.
  @Override
  public SocketChannelConfig config() {
    var known = config;
    if (known == null) {
      known = new DefaultSocketChannelConfig(this, NONE);
      known.setAllocator(HEAP);
      config = known;
    }
    return known;
  }

  @Override
  public InetSocketAddress localAddress() {
    return SERVER;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return CLIENT;
  }

  @Override
  public @Nullable ServerSocketChannel parent() {
    return null;
  }

  @Override
  public boolean isInputShutdown() {
    return !isOpen();
  }

  @Override
  public boolean isOutputShutdown() {
    return !isOpen();
  }

  @Override
  public boolean isShutdown() {
    return !isOpen();
  }

  @Override
  public ChannelFuture shutdown() {
    return close();
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    return close(promise);
  }

  @Override
  public ChannelFuture shutdownInput() {
    return close();
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    return close(promise);
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return close();
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    return close(promise);
  }
}
