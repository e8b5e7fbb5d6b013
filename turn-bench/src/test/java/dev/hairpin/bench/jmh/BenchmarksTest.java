package dev.hairpin.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.auth.AuthResult;
import dev.hairpin.turnserver.net.Family;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.IntegrityAlgorithm;
import dev.hairpin.turnserver.stun.MessageIntegrity;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.turn.PortWish;
import dev.hairpin.turnserver.turn.TurnRequest;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.openjdk.jmh.annotations.Benchmark;

/// What each benchmark measures is what it says, for a wrong answer is quick to give.
class BenchmarksTest {
  private final CodecBenchmark codec = new CodecBenchmark();
  private final IntegrityBenchmark integrity = new IntegrityBenchmark();
  private final AddressTableBenchmark tables = new AddressTableBenchmark();
  private final PeerPolicyBenchmark policy = new PeerPolicyBenchmark();

  @TestFactory
  Stream<DynamicTest> everyBenchmarkDoesWhatItSays() throws Exception {
    integrity.sign();
    tables.fill();
    return checks().entrySet().stream()
        .map(check -> DynamicTest.dynamicTest(check.getKey(), check.getValue()));
  }

  @Test
  void noBenchmarkIsLeftOut() {
    var written =
        Stream.of(codec, integrity, tables, policy)
            .flatMap(benchmark -> Stream.of(benchmark.getClass().getMethods()))
            .filter(method -> method.isAnnotationPresent(Benchmark.class))
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(written, new TreeSet<>(checks().keySet()));
  }

  private Map<String, Executable> checks() {
    var checks = new HashMap<String, Executable>();
    checks.put("decodeBinding", () -> assertTrue(codec.decodeBinding()));
    checks.put("encodeBinding", this::bindingIsAnswered);
    checks.put("decodeAllocate", this::allocateIsUnderstood);
    checks.put("encodeAllocate", this::allocateIsAnswered);
    checks.put("decodeSend", () -> assertEquals(160, codec.decodeSend()));
    checks.put("encodeData", this::dataIsWrapped);
    checks.put("decodeChannelData", () -> assertEquals(0x400100a0, codec.decodeChannelData()));
    checks.put(
        "encodeChannelData", () -> assertEquals(0x400100a0, codec.encodeChannelData().getInt(0)));
    checks.put("checkSha1", () -> assertTrue(integrity.checkSha1()));
    checks.put("checkSha256", () -> assertTrue(integrity.checkSha256()));
    checks.put(
        "signSha1", () -> isSigned(integrity.signSha1(), IntegrityAlgorithm.SHA1, new byte[16]));
    checks.put(
        "signSha256",
        () -> isSigned(integrity.signSha256(), IntegrityAlgorithm.SHA256, new byte[32]));
    checks.put("authenticateKept", () -> isUser("user0", integrity.authenticateKept()));
    checks.put("authenticateNew", () -> isUser("user1", integrity.authenticateNew()));
    checks.put("tableHit", () -> assertSame(tables.tableHit(), tables.current()));
    checks.put("tableMiss", () -> assertNull(tables.tableMiss()));
    checks.put("mapHit", () -> assertSame(tables.mapHit(), tables.current()));
    checks.put("mapHitOfPacket", () -> assertSame(tables.mapHitOfPacket(), tables.current()));
    checks.put("tablePutAndRemove", () -> assertEquals(100, tables.tablePutAndRemove()));
    checks.put("judgePublic", () -> assertTrue(policy.judgePublic()));
    checks.put("judgePublicIpv6", () -> assertTrue(policy.judgePublicIpv6()));
    checks.put("judgePrivate", () -> assertFalse(policy.judgePrivate()));
    checks.put("judgeByManyRanges", () -> assertTrue(policy.judgeByManyRanges()));
    checks.put("packetToRelayed", () -> assertTrue(policy.packetToRelayed()));
    checks.put("isPortDenied", () -> assertFalse(policy.isPortDenied()));
    return checks;
  }

  private void bindingIsAnswered() {
    codec.encodeBinding();
    var answer = Messages.decoded(codec.out);
    assertEquals(Messages.CLIENT, XorAddress.decode(answer, 0));
    assertTrue(answer.hasFingerprint());
  }

  private void allocateIsUnderstood() {
    var plain =
        new TurnRequest.Allocate(false, List.of(Family.IPV4), PortWish.Parity.ANY, -1, false);
    assertEquals(plain, codec.decodeAllocate());
  }

  private void allocateIsAnswered() {
    codec.encodeAllocate();
    var answer = Messages.decoded(codec.out);
    assertEquals(
        Messages.RELAYED, XorAddress.decode(answer, answer.find(Attribute.XOR_RELAYED_ADDRESS)));
    assertEquals(
        Messages.CLIENT, XorAddress.decode(answer, answer.find(Attribute.XOR_MAPPED_ADDRESS)));
  }

  private void dataIsWrapped() {
    codec.encodeData();
    var message = Messages.decoded(codec.out);
    assertEquals(Messages.PEER, XorAddress.decode(message, 0));
    assertEquals(160, message.lengthOf(message.find(Attribute.DATA)));
  }

  private void isSigned(int bytes, IntegrityAlgorithm algorithm, byte[] key) {
    assertEquals(bytes, integrity.out.readableBytes());
    var answer = Messages.decoded(integrity.out);
    assertEquals(algorithm, answer.integrityAlgorithm());
    assertTrue(new MessageIntegrity().verify(answer, key));
  }

  private static void isUser(String user, AuthResult result) {
    assertEquals(user, assertInstanceOf(AuthResult.Known.class, result).credential().user().text());
  }
}
