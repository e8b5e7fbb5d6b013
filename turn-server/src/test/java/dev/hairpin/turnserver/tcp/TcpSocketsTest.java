package dev.hairpin.turnserver.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Which addresses are free for listening.
class TcpSocketsTest {
  private final MultiThreadIoEventLoopGroup loops = UdpMode.NATIVE.loops(1);
  private final TcpSockets sockets = new TcpSockets(loops.next(), _ -> {});

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return sockets.loop().submit(task).get();
  }

  private static ServerSocketChannel listener(StandardProtocolFamily family, String ip)
      throws IOException {
    return ServerSocketChannel.open(family).bind(new InetSocketAddress(ip, 0));
  }

  private static TransportAddress on(String ip, ServerSocketChannel taken) throws IOException {
    var address = (InetSocketAddress) taken.getLocalAddress();
    return new TransportAddress(IpAddress.parse(ip), address.getPort());
  }

  @Test
  void allAddressesOfIpv6AreFreeWhereAnotherProgramHasThoseOfIpv4() throws Exception {
    try (var taken = listener(StandardProtocolFamily.INET, "0.0.0.0")) {
      var address = on("::", taken);
      onLoop(
          () -> {
            sockets.requireFree(address);
            return sockets.listen(address, Sharing.EXCLUSIVE, (_, _) -> {}).close();
          });
    }
  }

  @Test
  void anAddressOfAnotherProgramIsNotFree() throws Exception {
    for (String ip : new String[] {"127.0.0.1", "::1"}) {
      var family = ip.equals("::1") ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
      try (var taken = listener(family, ip)) {
        var address = on(ip, taken);
        Callable<Boolean> ask =
            () -> {
              assertThrows(BindException.class, () -> sockets.requireFree(address));
              return true;
            };
        assertEquals(true, onLoop(ask));
      }
    }
  }
}
