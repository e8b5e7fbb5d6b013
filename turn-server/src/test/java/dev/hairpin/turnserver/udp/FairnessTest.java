package dev.hairpin.turnserver.udp;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.Sharing;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.DropReason;
import io.netty.channel.IoEventLoop;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// A socket that has much to read does not keep the others of its loop waiting.
class FairnessTest {
  private static final int HOT = 2_000;
  private static final int COLD = 20;

  /// A turn's most from one socket, for every socket that is served before.
  private static final int MOST_BEFORE = 2 * ReceiveRing.SLOTS;

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
  void coldSocketsAreServedWithinATurnOfAHotOne(UdpMode mode) throws Exception {
    var loops = mode.loops(1);
    var loop = loops.next();
    var order = new LinkedBlockingQueue<String>();
    try {
      var engine = loop.submit(() -> UdpEngine.of(loop, new Events(order))).get();
      var hot = open(loop, engine, order, "hot");
      var cold = new ArrayList<UdpSocket>();
      for (int i = 0; i < COLD; i++) {
        cold.add(open(loop, engine, order, "cold " + i));
      }
      fillWhileTheLoopWaits(loop, hot, cold);
      var seen = new ArrayList<String>();
      for (int i = 0; i < HOT + COLD; i++) {
        seen.add(requireNonNull(order.poll(10, TimeUnit.SECONDS), "only " + i + " arrived"));
      }
      assertEquals(COLD, seen.stream().filter(name -> name.startsWith("cold")).count());
      int last = seen.lastIndexOf("cold " + (COLD - 1));
      long before = seen.subList(0, last).stream().filter("hot"::equals).count();
      assertTrue(before <= MOST_BEFORE, before + " of the hot socket's came first");
      var _ = loop.submit(() -> close(engine, hot, cold)).get();
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private record Events(LinkedBlockingQueue<String> order) implements UdpEngine.Events {
    @Override
    public void onTurnStarted() {}

    @Override
    public void onFault(Throwable fault) {
      order.add(fault.toString());
    }

    @Override
    public void onLoss(UdpSocket socket, DropReason reason, int datagrams) {
      order.add(reason.toString());
    }
  }

  private static boolean close(UdpEngine engine, UdpSocket hot, List<UdpSocket> cold) {
    hot.close();
    cold.forEach(UdpSocket::close);
    engine.close();
    return true;
  }

  private static void fillWhileTheLoopWaits(IoEventLoop loop, UdpSocket hot, List<UdpSocket> cold)
      throws Exception {
    var filled = new CountDownLatch(1);
    var _ =
        loop.submit(
            () -> {
              filled.await();
              return true;
            });
    try (var sender = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      for (int i = 0; i < HOT; i++) {
        send(sender, hot, i % 2); // of two sizes, so that the kernel joins none
      }
      for (var socket : cold) {
        send(sender, socket, 0);
      }
    }
    filled.countDown();
  }

  private static void send(DatagramSocket sender, UdpSocket to, int more) throws Exception {
    var bytes = new byte[10 + more];
    var address = to.localAddress().toInetSocketAddress();
    sender.send(new DatagramPacket(bytes, bytes.length, address));
  }

  private static UdpSocket open(
      IoEventLoop loop, UdpEngine engine, LinkedBlockingQueue<String> order, String name)
      throws Exception {
    UdpHandler handler = (_, _) -> order.add(name);
    var any = new TransportAddress(IpAddress.parse("127.0.0.1"), 0);
    return loop.submit(() -> engine.open(any, Sharing.EXCLUSIVE, handler)).get();
  }
}
