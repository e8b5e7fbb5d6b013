package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes a limit, on a clock of the test's own.
class BandwidthTest {
  private static final UserId ALICE = new UserId("alice");
  private static final UserId BOB = new UserId("bob");
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final int PAYLOAD = 1_172;
  private static final int DATAGRAM = 1_200;

  private static Quotas quotas(int ofAllocation, int ofUser) {
    var settings = new QuotaSettings(0, 0, 0, ofAllocation, ofUser);
    return new Quotas(settings, new Descriptors(100));
  }

  private static Quotas.Unit unit(Quotas quotas, UserId user, long now) {
    var owner = new CredentialUsername(0, CredentialScope.NONE, user);
    var unit = quotas.allocation(owner, 0, IpAddress.parse("192.0.2.1"), false, now);
    assertNotNull(unit);
    return unit;
  }

  private static Bandwidth toPeers(Quotas.Unit unit) {
    var limit = unit.toPeers();
    assertNotNull(limit);
    return limit;
  }

  /// The bytes on the wire that pass within some seconds, where each of the allocations sends by so
  /// much a second.
  private static long carried(
      List<Bandwidth> limits, long bytesPerSecond, int seconds, long startNanos) {
    long passed = 0;
    long interval = SECOND * DATAGRAM / bytesPerSecond;
    for (long t = 0; t < seconds * SECOND; t += interval) {
      for (var limit : limits) {
        passed += limit.admits(PAYLOAD, startNanos + t) ? DATAGRAM : 0;
      }
    }
    return passed;
  }

  private static void assertNear(long expected, long actual) {
    assertTrue(Math.abs(actual - expected) <= expected / 20, () -> actual + ", not " + expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {50_000, 1_000_000, 100_000_000})
  void ofTenTimesTheLimitTheLimitIsCarried(int rate) {
    var limit = toPeers(unit(quotas(rate, 0), ALICE, 0));
    assertNear(20L * rate, carried(List.of(limit), 10L * rate, 20, 0));
  }

  @Test
  void theAllocationsOfAUserShareItsLimitAndAnotherUserIsUntouched() {
    int rate = 1_000_000;
    var quotas = quotas(0, rate);
    var ofAlice = new ArrayList<Bandwidth>();
    for (int i = 0; i < 10; i++) {
      ofAlice.add(toPeers(unit(quotas, ALICE, 0)));
    }
    var ofBob = List.of(toPeers(unit(quotas, BOB, 0)));
    assertNear(20L * rate, carried(ofAlice, rate, 20, 0));
    assertEquals(9.0 * rate, (double) carried(ofBob, rate * 9 / 10, 10, SECOND), DATAGRAM);
  }

  @Test
  void oneDirectionLeavesTheOtherAlone() {
    var unit = unit(quotas(100_000, 100_000), ALICE, 0);
    carried(List.of(toPeers(unit)), 1_000_000, 10, 0);
    var toClient = unit.toClient();
    assertNotNull(toClient);
    assertTrue(toClient.admits(PAYLOAD, 10 * SECOND));
  }

  @Test
  void whoComesAnewGainsNothing() {
    var quotas = quotas(0, 100_000);
    long passed = 0;
    for (int i = 0; i < 1_000; i++) {
      var unit = unit(quotas, ALICE, i);
      passed += carried(List.of(toPeers(unit)), 1_000_000_000, 0, i);
      passed += toPeers(unit).admits(PAYLOAD, i) ? DATAGRAM : 0;
      unit.release();
    }
    assertEquals(0, passed);
  }

  @Test
  void theSmallerLimitCounts() {
    var limit = toPeers(unit(quotas(1_000_000, 100_000), ALICE, 0));
    assertNear(2_000_000, carried(List.of(limit), 10_000_000, 20, 0));
    limit = toPeers(unit(quotas(100_000, 1_000_000), BOB, 0));
    assertNear(2_000_000, carried(List.of(limit), 10_000_000, 20, 0));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE - 1, Long.MAX_VALUE - 10_000_000_000L})
  void theClockMayBeginAnywhere(long start) {
    var limit = toPeers(unit(quotas(1_000_000, 2_000_000), ALICE, start));
    assertFalse(limit.admits(PAYLOAD, start));
    assertNear(20_000_000, carried(List.of(limit), 10_000_000, 20, start));
  }

  @ParameterizedTest
  @ValueSource(ints = {TokenBucket.MIN_BYTES_PER_SECOND, Integer.MAX_VALUE})
  void noRateOverflows(int rate) {
    var limit = toPeers(unit(quotas(rate, rate), ALICE, 0));
    assertFalse(limit.admits(65_507, 0));
    long aYear = 365 * 86_400 * SECOND;
    assertTrue(limit.admits(65_507, aYear));
    assertTrue(limit.charge(Integer.MAX_VALUE, aYear) > 0);
    assertFalse(limit.admits(65_507, aYear));
    assertTrue(limit.admits(65_507, 2 * aYear));
  }

  @Test
  void emptyDatagramsAreNotFree() {
    var limit = toPeers(unit(quotas(28_000, 0), ALICE, 0));
    int passed = 0;
    for (int i = 0; i < 100_000; i++) {
      passed += limit.admits(0, SECOND + i * SECOND / 10_000) ? 1 : 0;
    }
    assertNear(11_000, passed);
  }

  @Test
  void aConnectionWaitsUntilWhatItCarriedIsPaidFor() {
    var limit = toPeers(unit(quotas(1_000_000, 0), ALICE, 0));
    assertEquals(SECOND, limit.charge(1_000_000, 0));
    assertEquals(SECOND / 2, limit.charge(0, SECOND / 2));
    assertEquals(0, limit.charge(0, SECOND));
  }

  @Test
  void withoutLimitsThereIsNothingToAsk() {
    var unit = unit(quotas(0, 0), ALICE, 0);
    assertNull(unit.toPeers());
    assertNull(unit.toClient());
    assertThrows(IllegalArgumentException.class, () -> quotas(999, 0));
    assertThrows(IllegalArgumentException.class, () -> quotas(0, 999));
  }

  @Test
  void whatWasTakenFromTheUsersShareIsCarriedThoughTheShareIsSpent() {
    var quotas = quotas(0, 1_000_000);
    var one = toPeers(unit(quotas, ALICE, 0));
    var other = toPeers(unit(quotas, ALICE, 0));
    int slice = 500_000 / 64;
    assertTrue(one.admits(slice / 2 - 28, SECOND));
    assertTrue(other.charge(1_000_000, SECOND) > 0);
    assertTrue(one.admits(slice / 2 - 28, SECOND), "taken before");
    assertFalse(one.admits(0, SECOND));
  }

  @Test
  void theLastBytesOfAUsersShareAreCarried() {
    var quotas = quotas(0, 1_000_000);
    var one = toPeers(unit(quotas, ALICE, 0));
    var other = toPeers(unit(quotas, ALICE, 0));
    int slice = 500_000 / 64;
    assertTrue(one.admits(4_000 - 28, SECOND));
    int missing = 4_000 - (slice - 4_000);
    assertEquals(0, other.charge(500_000 - slice - missing, SECOND));
    assertTrue(one.admits(4_000 - 28, SECOND));
    assertFalse(one.admits(0, SECOND));
  }

  @Test
  void aWholeBurstIsThereAfterAPauseAndNotAByteMore() {
    var bucket = new TokenBucket(1_000_000, 0);
    assertTrue(bucket.take(500_000, SECOND));
    assertFalse(bucket.take(1, SECOND));
    assertTrue(bucket.take(1, SECOND + 1_000));
  }

  /// Half a second's worth, or the largest datagram's.
  @Test
  void aBurstIsBoundedAfterALongPause() {
    for (int rate : new int[] {1_000, 262_144, 1_000_000, 1_500_000_000}) {
      var bucket = new TokenBucket(rate, 0);
      long burst = Math.max(rate / 2, 1 << 17);
      assertEquals((double) burst, (double) bucket.burstBytes, 1.0 + (double) burst / 1e6);
      assertFalse(new TokenBucket(rate, 0).take(1_000, 0));
      assertFalse(bucket.take(burst + 100 + burst / 1_000, 1_000 * SECOND));
      assertTrue(bucket.take(burst - 100 - burst / 1_000, 1_000 * SECOND));
      assertFalse(bucket.take(200 + burst / 100, 1_000 * SECOND));
    }
  }
}
