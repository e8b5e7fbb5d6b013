package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.policy.Quotas.Holder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who may have how many, without a server.
class QuotasTest {
  private static final UserId ALICE = new UserId("alice");
  private static final UserId BOB = new UserId("bob");
  private static final IpAddress HOME = IpAddress.parse("198.51.100.7");

  private final Quotas quotas = quotas(3, 5, 7);

  private static Quotas quotas(int perUser, int perSource, int perRealm) {
    var settings = new QuotaSettings(perUser, perSource, perRealm, 0, 0);
    return new Quotas(settings, new Descriptors(100));
  }

  private Quotas.@Nullable Unit ask(UserId user, String source) {
    return ask(quotas, user, IpAddress.parse(source), false);
  }

  private static Quotas.@Nullable Unit ask(
      Quotas of, UserId user, IpAddress source, boolean redeems) {
    return of.allocation(
        new CredentialUsername(0, CredentialScope.NONE, user), 0, source, redeems, 0);
  }

  private Quotas.@Nullable Unit reserve(UserId user, long nowNanos) {
    return quotas.reservation(new CredentialUsername(0, CredentialScope.NONE, user), nowNanos);
  }

  @Test
  void theLastOneIsGrantedAndTheNextIsNot() {
    for (int i = 0; i < 3; i++) {
      assertNotNull(ask(ALICE, "192.0.2." + i));
    }
    assertNull(ask(ALICE, "192.0.2.9"));
    assertNotNull(ask(BOB, "192.0.2.9"));
  }

  @Test
  void aRefusalLeavesNothingBehind() {
    for (int i = 0; i < 3; i++) {
      assertNotNull(ask(ALICE, "198.51.100.7"));
    }
    for (int i = 0; i < 10; i++) {
      assertNull(ask(ALICE, "198.51.100.7"));
    }
    assertEquals(3, quotas.heldBy(new Holder.Realm()));
    assertEquals(3, quotas.heldBy(new Holder.Source(IpPrefix.ofSource(HOME))));
    assertNotNull(ask(BOB, "198.51.100.7"), "the source has room for two more");
  }

  @Test
  void aSourceIsAnAddressOfIpv4OrASlash64OfIpv6() {
    for (int i = 0; i < 5; i++) {
      assertNotNull(ask(new UserId("user " + i), "2001:db8:0:1::" + i));
    }
    assertNull(ask(BOB, "2001:db8:0:1:ffff::1"));
    assertNotNull(ask(BOB, "2001:db8:0:2::1"));
  }

  @Test
  void anIpv4AddressIsOneSourceAndLoopbackIsNone() {
    for (int i = 0; i < 5; i++) {
      assertNotNull(ask(new UserId("user " + i), "198.51.100.7"));
    }
    assertNull(ask(BOB, "::ffff:198.51.100.7"));
    assertNotNull(ask(BOB, "198.51.100.8"));
    var many = quotas(0, 1, 0);
    for (String loopback : List.of("127.0.0.1", "::1", "::ffff:127.9.9.9")) {
      for (int i = 0; i < 3; i++) {
        assertNotNull(ask(many, BOB, IpAddress.parse(loopback), false));
      }
    }
  }

  @Test
  void allUsersTogetherHaveNoMoreThanTheRealm() {
    for (int i = 0; i < 7; i++) {
      assertNotNull(ask(new UserId("user " + i), "192.0.2." + i));
    }
    assertNull(ask(BOB, "192.0.2.99"));
  }

  private Quotas.@Nullable Unit askIn(String tenant) {
    var owner = new CredentialUsername(0, CredentialScope.NONE.of(tenant), ALICE);
    return quotas.allocation(owner, 0, IpAddress.parse("127.0.0.1"), false, 0);
  }

  @Test
  void tenantsHaveQuotasOfTheirOwnWithinTheServers() {
    quotas.follow(
        Map.of("acme", new QuotaSettings(2, 0, 0, 0, 0), "beta", new QuotaSettings(9, 0, 4, 0, 0)));
    assertNotNull(askIn("acme"));
    assertNotNull(askIn("acme"));
    assertNull(askIn("acme"), "alice of acme has two");
    var first = askIn("beta");
    for (int i = 0; i < 3; i++) {
      assertNotNull(askIn("beta"));
    }
    assertNull(askIn("beta"), "beta has four in all");
    assertNotNull(ask(ALICE, "127.0.0.1"), "the server's own alice is another one");
    assertNull(ask(BOB, "127.0.0.1"), "the server has seven in all");
    assertNotNull(first);
    first.release();
    assertEquals(3, quotas.heldBy(new Holder.Tenant("beta")));
    assertEquals(2, quotas.heldBy(new Holder.User(new Account("acme", ALICE))));
    assertEquals(1, quotas.heldBy(new Holder.User(new Account("", ALICE))));
    assertNotNull(askIn("beta"));
  }

  @Test
  void whatIsReleasedTwiceCountsOnce() {
    var first = ask(ALICE, "198.51.100.7");
    var second = ask(ALICE, "198.51.100.7");
    assertNotNull(first);
    assertNotNull(second);
    first.release();
    first.release();
    assertEquals(1, quotas.heldBy(new Holder.User(new Account("", ALICE))));
    second.release();
    for (var kind : List.of(Holder.User.class, Holder.Source.class, Holder.Realm.class)) {
      assertEquals(0, quotas.most(kind));
    }
  }

  @Test
  void theMostThatAnybodyHasIsToldForEachKind() {
    for (String source : List.of("192.0.2.1", "192.0.2.2", "192.0.2.2")) {
      assertNotNull(ask(ALICE, source));
    }
    assertNotNull(ask(BOB, "192.0.2.2"));
    assertEquals(4, quotas.most(Holder.Realm.class));
    assertEquals(3, quotas.most(Holder.User.class));
    assertEquals(3, quotas.most(Holder.Source.class));
    assertEquals(0, quotas.most(Holder.Reserver.class));
    assertNotNull(reserve(BOB, 0));
    assertEquals(1, quotas.most(Holder.Reserver.class));
  }

  @Test
  void noQuotaIsNegative() {
    for (int[] wrong : new int[][] {{-1, 0, 0}, {0, -1, 0}, {0, 0, -1}}) {
      assertThrows(
          IllegalArgumentException.class, () -> quotas(wrong[0], wrong[1], wrong[2]), "negative");
    }
  }

  @Test
  void aUserReservesTwoPortsAtMostAndTheyCountAsAllocations() {
    assertNotNull(reserve(ALICE, 0));
    var second = reserve(ALICE, 0);
    assertNotNull(second);
    assertNull(reserve(ALICE, 0));
    assertNotNull(ask(ALICE, "192.0.2.1"));
    assertNull(ask(ALICE, "192.0.2.1"));
    assertNotNull(reserve(BOB, 0), "another user is untouched");
    second.release();
    assertNotNull(reserve(ALICE, 0));
  }

  @Test
  void whatRedeemsAReservationTakesItsPlace() {
    var reserved = reserve(ALICE, 0);
    assertNotNull(reserved);
    assertNotNull(ask(ALICE, "192.0.2.1"));
    assertNotNull(ask(ALICE, "192.0.2.1"));
    assertNotNull(ask(quotas, ALICE, HOME, true));
    reserved.release();
    assertEquals(3, quotas.heldBy(new Holder.User(new Account("", ALICE))));
    assertNull(ask(ALICE, "192.0.2.1"));
  }

  @Test
  void however64ThreadsAskTenAreGranted() throws Exception {
    var many = quotas(10, 0, 0);
    var asking = new ArrayList<Callable<Quotas.@Nullable Unit>>();
    for (int i = 0; i < 64; i++) {
      asking.add(() -> ask(many, ALICE, HOME, false));
    }
    try (var threads = Executors.newFixedThreadPool(64)) {
      for (int round = 0; round < 100; round++) {
        var granted =
            threads.invokeAll(asking).stream()
                .map(Future::resultNow)
                .filter(unit -> unit != null)
                .toList();
        assertEquals(10, granted.size());
        granted.forEach(Quotas.Unit::release);
        assertEquals(0, many.heldBy(new Holder.User(new Account("", ALICE))));
      }
    }
  }

  @Test
  void loopsThatComeAndGoAtTheSameTimeNeverHaveMoreThanTheQuota() throws Exception {
    var two = quotas(2, 0, 0);
    var live = new AtomicInteger();
    Callable<Integer> loop =
        () -> {
          int most = 0;
          for (int i = 0; i < 200_000; i++) {
            var unit = ask(two, ALICE, HOME, false);
            if (unit != null) {
              most = Math.max(most, live.incrementAndGet());
              live.decrementAndGet();
              unit.release();
            }
          }
          return most;
        };
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var most : threads.invokeAll(List.of(loop, loop, loop, loop))) {
        assertTrue(most.resultNow() <= 2, most::toString);
      }
    }
    assertEquals(0, two.heldBy(new Holder.User(new Account("", ALICE))));
    assertEquals(0, two.heldBy(new Holder.Realm()));
  }

  @Test
  void afterAHundredThousandComingsAndGoingsTheSumsAreThoseOfWhatIsHeld() {
    var random = new Random(4);
    var held = new ArrayList<Quotas.Unit>();
    for (int i = 0; i < 100_000; i++) {
      if (random.nextBoolean()) {
        var user = new UserId("user " + random.nextInt(4));
        var unit =
            random.nextInt(4) == 0 ? reserve(user, i) : ask(user, "192.0.2." + random.nextInt(3));
        if (unit != null) {
          held.add(unit);
        }
      } else if (!held.isEmpty()) {
        held.remove(random.nextInt(held.size())).release();
      }
      assertEquals(held.size(), quotas.heldBy(new Holder.Realm()));
      assertTrue(quotas.most(Holder.User.class) <= 3);
    }
  }
}
