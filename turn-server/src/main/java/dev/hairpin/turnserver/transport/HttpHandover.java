package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.tcp.Pipe.Meter;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;

/// Joins a client that speaks HTTP with the HTTP server of this process.
final class HttpHandover {
  private HttpHandover() {}

  /// @param opening the handler that holds the bytes that came until now
  static void start(
      StreamConnection connection, HttpBackend backend, ChannelHandlerContext opening) {
    var client = (SocketChannel) opening.channel();
    client.config().setAutoRead(false);
    connection.letGo();
    var holder = new ChannelInboundHandlerAdapter() {};
    var connecting = connection.loop.sockets().connect(backend.address(), holder);
    connecting.addListener(
        (ChannelFuture done) -> {
          if (!done.isSuccess() || !client.isActive()) {
            var _ = done.channel().close();
            var _ = client.close();
            return;
          }
          var server = (SocketChannel) done.channel();
          var via = TransportAddress.of(server.localAddress());
          backend.opened(via, connection.client());
          server.closeFuture().addListener(_ -> backend.closed(via));
          var here = new Pipe.End(client, opening.handler());
          Pipe.join(here, new Pipe.End(server, holder), Meter.UNLIMITED, Meter.UNLIMITED);
        });
  }
}
