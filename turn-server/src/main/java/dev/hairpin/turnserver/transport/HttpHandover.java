package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.tcp.Pipe;
import dev.hairpin.turnserver.tcp.Pipe.Meter;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;

/// Joins a client that speaks HTTP with the HTTP server of this process.
final class HttpHandover {
  private HttpHandover() {}

  /// @param client whose handler is about to give way to a holder
  static void start(StreamConnection connection, HttpBackend backend, SocketChannel client) {
    client.config().setAutoRead(false);
    connection.letGo();
    var connecting = connection.loop.sockets().connect(backend.address());
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
          Pipe.join(client, server, Meter.UNLIMITED, Meter.UNLIMITED);
        });
  }
}
