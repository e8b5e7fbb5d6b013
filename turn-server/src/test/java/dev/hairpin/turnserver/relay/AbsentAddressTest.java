package dev.hairpin.turnserver.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.allocation.Allocator.RelaySockets;
import dev.hairpin.turnserver.allocation.Allocator.RelaySockets.Failed;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.tcp.TcpSockets;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.turn.PortWish.Parity;
import dev.hairpin.turnserver.udp.UdpEngine;
import dev.hairpin.turnserver.udp.UdpMode;
import dev.hairpin.turnserver.udp.Unheard;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A relay address that this machine does not have, at least for now.
class AbsentAddressTest {
  private static final IpAddress ABSENT = IpAddress.parse("192.0.2.1");
  private static final PortRange RANGE = new PortRange(50_000, 50_009);

  private final RelayPools pools =
      new RelayPools(
          new RelaySettings(List.of(ABSENT), List.of(), RANGE),
          new Quotas(QuotaSettings.DEFAULT, new Descriptors(100)));

  @Test
  void noPortIsPutAsideForIt() throws Exception {
    var loops = UdpMode.NATIVE.loops(1);
    var loop = loops.next();
    try {
      var free =
          loop.submit(
                  () -> {
                    var engine = UdpEngine.of(loop, new Unheard());
                    var udp = new UdpRelaySockets(pools, engine, RelayPortDrawTest.events(), 0);
                    var tcp = new TcpSockets(loop, _ -> {});
                    var ofTcp = new TcpRelaySockets(pools.tcp(), tcp, new Counters(), () -> 0);
                    var counted = List.of(freeAfter(udp), freeAfter(ofTcp));
                    engine.close();
                    return counted;
                  })
              .get();
      assertEquals(List.of(RANGE.size(), RANGE.size()), free);
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /// How many ports can be had after one was asked for in vain.
  private int freeAfter(RelaySockets sockets) {
    var opened = sockets.open(Family.IPV4, Parity.ANY, RelayPortDrawTest.APPLICANT, 0);
    assertEquals(new Failed(ErrorCode.INSUFFICIENT_CAPACITY), opened);
    var pool = pools.pools().getFirst();
    assertEquals(0, pool.descriptors().open());
    int free = 0;
    while (pool.take(Parity.ANY, 0) > 0) {
      free++;
    }
    for (int port = RANGE.first(); port <= RANGE.last(); port++) {
      pool.giveBack(port);
    }
    return free;
  }
}
