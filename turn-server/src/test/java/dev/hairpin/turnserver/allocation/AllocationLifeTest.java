package dev.hairpin.turnserver.allocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.AuthResult.Known;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.credential.UserId;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.Descriptors;
import dev.hairpin.turnserver.policy.OwnAddresses;
import dev.hairpin.turnserver.policy.PeerPolicy;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.policy.Quotas;
import dev.hairpin.turnserver.stun.ErrorCode;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.IntegrityKey;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.turn.Answer;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.turn.TurnRequest;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A whole life on a clock of its own: no socket, no thread.
class AllocationLifeTest {
  private static final IntegrityKey KEY = new IntegrityKey(IntegrityAlgorithm.SHA1, new byte[16]);
  private static final long FAR = TimeUnit.DAYS.toNanos(30);
  private static final Known ALICE = known("alice");
  private static final Known BOB = known("bob");
  private static final TransactionId FIRST = new TransactionId(1, 1);
  private static final TransactionId NEXT = new TransactionId(2, 2);
  private static final IpAddress OWN = IpAddress.parse("198.41.0.4");
  private static final TransportAddress RELAYED = at("198.41.0.4", 50_000);
  private static final TransportAddress RELAYED6 = at("2606:4700::9", 50_000);
  private static final TransportAddress PEER6 = at("2606:4700::1111", 4_000);
  private static final TransportAddress OTHER_RELAYED = at("198.41.0.4", 50_001);
  private static final TransportAddress PEER = at("1.1.1.1", 4_000);

  /// As many new peers as it likes.
  private static final PolicySettings UNHURRIED =
      new PolicySettings(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(new PortRange(0, 0)),
          new PolicySettings.PeerRate(0, 1));

  private final FakeRelay relay = new FakeRelay(RELAYED);
  private final FakeRelay relay6 = new FakeRelay(RELAYED6);
  private final Set<TransportAddress> live = new HashSet<>(List.of(OTHER_RELAYED));
  private final Quotas quotas = new Quotas(QuotaSettings.DEFAULT, new Descriptors(100));
  private long seconds = 1_000;

  private final Allocation allocation = allocate(TurnRequest.NO_LIFETIME);

  private static Known known(String user) {
    return new Known(
        1 + ":" + user,
        new CredentialUsername(1, CredentialScope.NONE, new UserId(user)),
        KEY,
        FAR);
  }

  @Test
  void anAllocationLivesTenMinutesByDefault() {
    assertTrue(liveAfter(599));
    assertFalse(liveAfter(1));
  }

  @Test
  void aWishIsGrantedBetweenTenMinutesAndAnHour() {
    assertEquals(600, granted(0));
    assertEquals(600, granted(1));
    assertEquals(601, granted(601));
    assertEquals(3_600, granted(3_600));
    assertEquals(3_600, granted(3_601));
    assertEquals(3_600, granted(0xffff_ffffL));
  }

  @Test
  void aTunnelledClientGetsNoAllocation() {
    for (String tunnelled : List.of("2001::5db8:1", "2002:c633:6401::1")) {
      var outcome = outcome(at(tunnelled, 9), List.of(Family.IPV4), TurnRequest.NO_LIFETIME);
      var refused = assertInstanceOf(Allocator.Refused.class, outcome);
      assertRefused(ErrorCode.FORBIDDEN, refused.answer());
    }
    assertInstanceOf(Allocation.class, outcome(at("2001:1::1", 9), List.of(Family.IPV4), 600));
  }

  @Test
  void aRefreshBeginsTheLifetimeAnew() {
    seconds += 500;
    assertEquals(new Answer.Refreshed(600), ask(new TurnRequest.Refresh(-1, null)));
    assertTrue(liveAfter(599));
    assertFalse(liveAfter(1));
  }

  @Test
  void aRefreshOfZeroEndsTheAllocationAndGivesTheSocketBackOnce() {
    assertEquals(new Answer.Refreshed(0), ask(new TurnRequest.Refresh(0, null)));
    assertTrue(allocation.isClosed());
    allocation.close();
    assertEquals(1, relay.closes);
  }

  @Test
  void aRetransmittedAllocateGetsItsAnswerAgainAndAnotherOneA437() {
    var allocate =
        new TurnRequest.Allocate(false, List.of(Family.IPV4), PortWish.Parity.ANY, -1, false);
    var again = allocation.handle(allocate, FIRST, ALICE, now());
    assertEquals(List.of(RELAYED), assertInstanceOf(Answer.Allocated.class, again).relayed());
    assertRefused(ErrorCode.ALLOCATION_MISMATCH, allocation.handle(allocate, NEXT, ALICE, now()));
    assertRefused(ErrorCode.ALLOCATION_MISMATCH, allocation.handle(allocate, FIRST, BOB, now()));
  }

  @Test
  void anotherUserMayDoNothing() {
    for (var request :
        List.of(
            new TurnRequest.Refresh(0, null),
            permission(PEER),
            new TurnRequest.ChannelBind(0x4000, PEER))) {
      assertRefused(ErrorCode.WRONG_CREDENTIALS, allocation.handle(request, NEXT, BOB, now()));
    }
    assertFalse(allocation.isClosed());
    assertFalse(mayPass(PEER));
  }

  @Test
  void aPermissionLivesFiveMinutesForEveryPortOfItsAddress() {
    assertDone(permission(PEER));
    seconds += 299;
    assertTrue(mayPass(PEER));
    assertTrue(mayPass(at("1.1.1.1", 9)));
    assertFalse(mayPass(at("1.1.1.2", 4_000)));
    seconds += 1;
    assertFalse(mayPass(PEER));
  }

  @Test
  void aPermissionIsRefreshedByAskingAgain() {
    assertDone(permission(PEER));
    seconds += 200;
    assertDone(permission(PEER));
    seconds += 299;
    assertTrue(mayPass(PEER));
  }

  @Test
  void onePeerThatIsDeniedDeniesThemAll() {
    assertRefused(ErrorCode.FORBIDDEN, ask(permission(PEER, at("10.0.0.1", 9))));
    assertFalse(mayPass(PEER));
  }

  @Test
  void aDeniedPeerIsDeniedInEveryFamilyAndAnAllowedOneOfAnotherFamilyIsAMismatch() {
    assertRefused(ErrorCode.FORBIDDEN, ask(permission(at("::1", 9))));
    assertRefused(ErrorCode.FORBIDDEN, ask(permission(at("64:ff9b::a9fe:a9fe", 9))));
    assertRefused(
        ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH, ask(permission(at("2606:4700::1111", 9))));
  }

  @Test
  void aChannelLivesTenMinutesAndItsPermissionFive() {
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    seconds += 299;
    assertNotNull(channel(0x4000));
    assertTrue(mayPass(PEER));
    seconds += 1;
    assertNotNull(channel(0x4000), "the channel outlives its permission");
    assertFalse(mayPass(PEER), "but nothing passes without the permission");
    assertDone(permission(PEER));
    assertTrue(allocation.mayPass(channel(0x4000).permission(), 9, now()));
    seconds += 299;
    assertNotNull(channel(0x4000));
    seconds += 1;
    assertNull(channel(0x4000));
  }

  @Test
  void aChannelBoundAgainBeginsItsTenMinutesAnew() {
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    seconds += 599;
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    assertTrue(mayPass(PEER), "and so does its permission");
    seconds += 599;
    assertNotNull(channel(0x4000));
    seconds += 1;
    assertNull(channel(0x4000));
  }

  @Test
  void aChannelNumberAndAPeerBelongTogether() {
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    var other = at("1.1.1.1", 4_001);
    assertRefused(ErrorCode.BAD_REQUEST, ask(new TurnRequest.ChannelBind(0x4000, other)));
    assertRefused(ErrorCode.BAD_REQUEST, ask(new TurnRequest.ChannelBind(0x4001, PEER)));
    assertDone(new TurnRequest.ChannelBind(0x4001, other));
  }

  @Test
  void aNumberIsFreeForAnotherPeerFiveMinutesAfterItsEnd() {
    var other = at("1.1.1.1", 4_001);
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    seconds += 899;
    assertRefused(ErrorCode.BAD_REQUEST, ask(new TurnRequest.ChannelBind(0x4000, other)));
    seconds += 1;
    assertDone(new TurnRequest.ChannelBind(0x4000, other));
    assertEquals(other, channel(0x4000).peer());
  }

  @Test
  void aDeadChannelComesBackForItsOwnPeer() {
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    seconds += 700;
    assertNull(channel(0x4000));
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    assertTrue(mayPass(PEER));
    assertNotNull(channel(0x4000));
  }

  @Test
  void theNumberOfPermissionsAndChannelsIsBoundedAndRoomComesBack() {
    for (int i = 0; i < Permissions.MAX; i++) {
      assertDone(permission(at("1.1.2." + i, 9)));
    }
    assertRefused(ErrorCode.INSUFFICIENT_CAPACITY, ask(permission(PEER)));
    assertDone(permission(at("1.1.2.0", 9)));
    seconds += 301;
    for (int i = 0; i < Channels.MAX; i++) {
      assertDone(new TurnRequest.ChannelBind(0x4000 + i, at("1.1.1.1", 1 + i)));
    }
    assertRefused(ErrorCode.INSUFFICIENT_CAPACITY, ask(new TurnRequest.ChannelBind(0x4fff, PEER)));
    assertDone(new TurnRequest.ChannelBind(0x4000, at("1.1.1.1", 1)));
  }

  @Test
  void aChannelPassesAgainWhenItsPeerIsPermittedAgainThoughItsFirstPermissionMadeRoom() {
    assertDone(new TurnRequest.ChannelBind(0x4000, PEER));
    seconds += 100;
    permitOthers("1.1.2.", 64);
    seconds += 201;
    permitOthers("1.1.3.", 64); // the last of them takes the place of the channel's own
    seconds += 100;
    assertFalse(channel(0x4000).permission().isLive(now()));
    assertDone(permission(PEER));
    assertTrue(channel(0x4000).permission().isLive(now()));
  }

  private void permitOthers(String prefix, int count) {
    for (int i = 0; i < count; i++) {
      assertDone(permission(at(prefix + i, 9)));
    }
  }

  @Test
  void anOwnAddressIsAPeerOnlyWhileItIsRelayed() {
    assertRefused(ErrorCode.FORBIDDEN, ask(permission(at("198.41.0.4", 22))));
    assertDone(permission(OTHER_RELAYED));
    assertTrue(mayPass(OTHER_RELAYED));
    assertFalse(mayPass(at("198.41.0.4", 22)), "the permission is for the relayed port alone");
    live.remove(OTHER_RELAYED);
    assertFalse(mayPass(OTHER_RELAYED), "the other allocation is gone");
  }

  @Test
  void ofTwoRelayedAddressesEachServesThePeersOfItsFamily() {
    var dual = dual();
    assertEquals(Answer.Done.DONE, dual.handle(permission(PEER, PEER6), NEXT, ALICE, now()));
    assertEquals(relay, dual.relayTowards(PEER.ip().high(), PEER.ip().low()));
    assertEquals(relay6, dual.relayTowards(PEER6.ip().high(), PEER6.ip().low()));
    dual.close();
    dual.close();
    assertEquals(List.of(1, 1), List.of(relay.closes, relay6.closes));
  }

  @Test
  void aReleaseOfOneFamilyTakesAllOfThatFamilyAndNothingOfTheOther() {
    var dual = dual();
    assertEquals(Answer.Done.DONE, dual.handle(permission(PEER, PEER6), NEXT, ALICE, now()));
    var bind = new TurnRequest.ChannelBind(0x4000, PEER6);
    assertEquals(Answer.Done.DONE, dual.handle(bind, NEXT, ALICE, now()));
    var release = new TurnRequest.Refresh(0, Family.IPV6);
    assertEquals(new Answer.Refreshed(0), dual.handle(release, FIRST, ALICE, now()));
    assertEquals(List.of(0, 1), List.of(relay.closes, relay6.closes));
    assertNull(dual.permission(PEER6.ip().high(), PEER6.ip().low(), now()));
    assertNull(dual.channel(0x4000, now()));
    assertNotNull(dual.permission(PEER.ip().high(), PEER.ip().low(), now()));
    assertRefused(
        ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH, dual.handle(permission(PEER6), NEXT, ALICE, now()));
    assertEquals(
        new Answer.Refreshed(0), dual.handle(release, FIRST, ALICE, now()), "a retransmission");
    assertRefused(ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH, dual.handle(release, NEXT, ALICE, now()));
    assertTrue(dual.isLive(now()));
    var last = new TurnRequest.Refresh(0, Family.IPV4);
    assertEquals(new Answer.Refreshed(0), dual.handle(last, NEXT, ALICE, now()));
    assertTrue(dual.isClosed());
    assertEquals(List.of(1, 1), List.of(relay.closes, relay6.closes));
  }

  @Test
  void eachOfTwoRelayedAddressesEndsOnItsOwnTime() {
    var dual = dual();
    assertEquals(Answer.Done.DONE, dual.handle(permission(PEER, PEER6), NEXT, ALICE, now()));
    seconds += 500;
    var onlyIpv4 = new TurnRequest.Refresh(-1, Family.IPV4);
    assertEquals(new Answer.Refreshed(600), dual.handle(onlyIpv4, NEXT, ALICE, now()));
    seconds += 99;
    assertTrue(dual.isLive(now()));
    assertEquals(0, relay6.closes);
    seconds += 1;
    assertTrue(dual.isLive(now()));
    assertEquals(List.of(0, 1), List.of(relay.closes, relay6.closes));
    assertRefused(
        ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH, dual.handle(permission(PEER6), NEXT, ALICE, now()));
    seconds += 499;
    assertTrue(dual.isLive(now()));
    seconds += 1;
    assertFalse(dual.isLive(now()));
  }

  @Test
  void aRefreshWithoutAFamilyIsForBoth() {
    var dual = dual();
    seconds += 500;
    assertEquals(
        new Answer.Refreshed(600),
        dual.handle(new TurnRequest.Refresh(-1, null), NEXT, ALICE, now()));
    seconds += 599;
    assertTrue(dual.isLive(now()));
    assertEquals(0, relay6.closes);
    assertEquals(
        new Answer.Refreshed(0), dual.handle(new TurnRequest.Refresh(0, null), NEXT, ALICE, now()));
    assertEquals(List.of(1, 1), List.of(relay.closes, relay6.closes));
  }

  private Allocation dual() {
    return allocate(List.of(Family.IPV4, Family.IPV6), TurnRequest.NO_LIFETIME);
  }

  @Test
  void dontFragmentCountsFromIpv4ToIpv4AndFromStreams() {
    var ipv4 = new FiveTuple(Transport.UDP, PEER, PEER);
    var ipv6 = new FiveTuple(Transport.UDP, PEER6, PEER6);
    var stream = new FiveTuple(Transport.TLS, PEER6, PEER6);
    assertTrue(ipv4.heedsDontFragment(PEER.ip().high(), PEER.ip().low()));
    assertFalse(ipv4.heedsDontFragment(PEER6.ip().high(), PEER6.ip().low()));
    assertFalse(ipv6.heedsDontFragment(PEER.ip().high(), PEER.ip().low()));
    assertFalse(ipv6.heedsDontFragment(PEER6.ip().high(), PEER6.ip().low()));
    assertTrue(stream.heedsDontFragment(PEER6.ip().high(), PEER6.ip().low()));
  }

  private boolean liveAfter(long more) {
    seconds += more;
    return allocation.isLive(now());
  }

  private static TurnRequest permission(TransportAddress... peers) {
    return new TurnRequest.CreatePermission(List.of(peers));
  }

  private Answer ask(TurnRequest request) {
    return allocation.handle(request, NEXT, ALICE, now());
  }

  private void assertDone(TurnRequest request) {
    assertEquals(Answer.Done.DONE, ask(request));
  }

  private static void assertRefused(ErrorCode error, Answer answer) {
    assertEquals(Answer.refused(error), answer);
  }

  private boolean mayPass(TransportAddress peer) {
    long high = peer.ip().high();
    long low = peer.ip().low();
    var permission = allocation.permission(high, low, now());
    return permission != null && allocation.mayPass(permission, peer.port(), now());
  }

  @SuppressWarnings("NullAway") // tests say themselves when it must be there
  private ChannelBinding channel(int number) {
    return allocation.channel(number, now());
  }

  private long granted(long wish) {
    var answer = allocate(wish).opened(now());
    return assertInstanceOf(Answer.Allocated.class, answer).lifetimeSeconds();
  }

  private Allocation allocate(long lifetimeSeconds) {
    return allocate(List.of(Family.IPV4), lifetimeSeconds);
  }

  private Allocation allocate(List<Family> families, long lifetimeSeconds) {
    var outcome = outcome(at("192.0.2.7", 9), families, lifetimeSeconds);
    return assertInstanceOf(Allocation.class, outcome);
  }

  private Allocator.Outcome outcome(
      TransportAddress client, List<Family> families, long lifetimeSeconds) {
    var own = new OwnAddresses(Set.of(OWN), Set.of(), List.of());
    var policy =
        new PeerPolicy(
            UNHURRIED,
            Map.of(),
            own,
            (high, low, port) ->
                live.contains(new TransportAddress(new IpAddress(high, low), port)));
    var allocator =
        new Allocator(
            AllocationSettings.DEFAULT,
            policy,
            (family, _, _, _) -> family == Family.IPV4 ? relay : relay6,
            quotas);
    var fiveTuple = new FiveTuple(Transport.UDP, client, at("192.0.2.1", 3478));
    var request =
        new TurnRequest.Allocate(false, families, PortWish.Parity.ANY, lifetimeSeconds, false);
    var applicant = new Applicant(fiveTuple, new Deaf(), ALICE);
    return allocator.allocate(applicant, request, FIRST, now());
  }

  private long now() {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private static TransportAddress at(String ip, int port) {
    return new TransportAddress(IpAddress.parse(ip), port);
  }

  private static final class FakeRelay extends RelaySocket {
    int closes;

    FakeRelay(TransportAddress address) {
      super(address);
    }

    @Override
    public void close() {
      closes++;
    }
  }

  private record Deaf() implements ClientLink {
    @Override
    public int maxMessageBytes() {
      return 1_500;
    }

    @Override
    public void relayBehind(int header, Packet packet) {}

    @Override
    public void send(ByteBuf message) {}

    @Override
    public void forget(Allocation allocation) {}
  }
}
