package dev.hairpin.turnserver.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.turn.PortWish.Parity;
import java.io.IOException;
import java.net.BindException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The ports of one relay address.
class PortPoolTest {
  private static final IpAddress LOCAL = IpAddress.parse("192.0.2.1");

  private static RelaySettings settings(int first, int last) {
    return new RelaySettings(List.of(LOCAL), List.of(), new PortRange(first, last));
  }

  private static PortPool pool(int first, int last) {
    return new PortPool(LOCAL, settings(first, last), new Descriptors(100).relays);
  }

  @Test
  void aFullPoolSaysSoAtOnceWhateverIsAsked() {
    var pool = pool(1_024, 65_535);
    for (int i = 0; i < pool.range().size(); i++) {
      assertTrue(pool.take(Parity.ANY, i) > 0);
    }
    long start = System.nanoTime();
    for (var parity : Parity.values()) {
      assertEquals(-1, pool.take(parity, 40_000));
    }
    assertTrue(System.nanoTime() - start < 100_000_000, "three scans take 100 ms");
    assertEquals(pool.range().size(), pool.inUse());
  }

  @Test
  void aMillionComingsAndGoingsLoseNoPort() {
    var pool = pool(50_000, 50_099);
    var random = new Random(9);
    var taken = new HashSet<Integer>();
    for (int i = 0; i < 1_000_000; i++) {
      int port = pool.take(random.nextBoolean() ? Parity.ANY : Parity.EVEN, random.nextInt(100));
      if (port > 0) {
        assertTrue(taken.add(port), "nobody else has it");
      }
      if (port < 0 || random.nextBoolean()) {
        int given = taken.iterator().next();
        taken.remove(given);
        pool.giveBack(given);
      }
    }
    assertEquals(taken.size(), pool.inUse());
    taken.forEach(pool::giveBack);
    assertEquals(0, pool.inUse());
  }

  @Test
  void anEvenPortTakesNoOther() {
    var pool = pool(50_000, 50_099);
    for (int i = 0; i < 10_000; i++) {
      int port = pool.take(Parity.EVEN, i % 100);
      assertEquals(0, port % 2);
      assertEquals(1, pool.inUse());
      pool.giveBack(port);
    }
    assertEquals(0, pool.inUse());
  }

  @Test
  void aPairThatCannotBeHadTakesNothing() {
    var pool = pool(50_000, 50_002); // the last even port has no neighbour
    assertEquals(50_001, pool.take(Parity.ANY, 1));
    assertEquals(-1, pool.take(Parity.EVEN_AND_NEXT, 0));
    assertEquals(1, pool.inUse());
  }

  @Test
  void ofAPairTheSecondIsLeftToWhoBindsTheFirst() {
    var pool = pool(50_000, 50_003);
    assertEquals(50_002, pool.take(Parity.EVEN_AND_NEXT, 1));
    assertEquals(1, pool.inUse());
    assertTrue(pool.take(50_003));
    assertFalse(pool.take(50_003));
    assertEquals(50_000, pool.take(Parity.EVEN_AND_NEXT, 1));
  }

  private static void failToBind(PortPool pool, IOException cause, long nowNanos) {
    int port = pool.take(Parity.ANY, 0);
    assertEquals(50_000, port);
    assertThrows(
        IOException.class,
        () ->
            pool.bind(
                port,
                nowNanos,
                _ -> {
                  throw cause;
                }));
    assertEquals(0, pool.descriptors().open());
  }

  @Test
  void whatAnotherProgramHasIsPassedOverForAMinute() {
    var pool = pool(50_000, 50_000);
    long minute = PortPool.AVOIDANCE.toNanos();
    failToBind(pool, new BindException(), 5);
    assertEquals(0, pool.inUse());
    pool.expire(4 + minute);
    assertEquals(-1, pool.take(Parity.ANY, 0));
    pool.expire(5 + minute);
    failToBind(pool, new IOException("no descriptor"), 0);
    assertEquals(50_000, pool.take(Parity.ANY, 0), "the port is not to blame");
  }

  private static RelayPools pools(int first, int last) {
    var quotas = new Quotas(QuotaSettings.DEFAULT, new Descriptors(100));
    return new RelayPools(settings(first, last), quotas);
  }

  @Test
  void udpAndTcpShareThePortsAndWhatIsKnownOfThem() {
    var udp = pools(50_000, 50_001);
    var tcp = udp.tcp();
    failToBind(tcp.pools().getFirst(), new BindException(), 0);
    assertEquals(50_001, udp.pools().getFirst().take(Parity.ANY, 0));
    assertEquals(-1, tcp.pools().getFirst().take(Parity.ANY, 0));
    assertEquals(1, udp.portsInUse());
    udp.expire(PortPool.AVOIDANCE.toNanos());
    assertEquals(50_000, tcp.pools().getFirst().take(Parity.ANY, 0));
    assertEquals(2, tcp.portsInUse());
  }

  @Test
  void whatIsLiveByUdpIsNotByTcpAndTheOtherWayRound() {
    var udp = pools(50_000, 50_001);
    var tcp = udp.tcp();
    var pool = udp.pools().getFirst();
    for (int loop : new int[] {PortPool.TCP, 0, 7}) {
      int port = pool.take(Parity.ANY, 0);
      assertFalse(udp.isLive(LOCAL.high(), LOCAL.low(), port));
      assertFalse(tcp.isLive(LOCAL.high(), LOCAL.low(), port));
      pool.live(port, loop);
      assertEquals(loop != PortPool.TCP, udp.isLive(LOCAL.high(), LOCAL.low(), port));
      assertEquals(loop == PortPool.TCP, tcp.isLive(LOCAL.high(), LOCAL.low(), port));
      assertEquals(loop, pool.loopOf(port));
      pool.giveBack(port);
    }
  }
}
