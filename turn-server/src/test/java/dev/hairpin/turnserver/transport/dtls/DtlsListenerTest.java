package dev.hairpin.turnserver.transport.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.ChildProcess;
import dev.hairpin.turnserver.testkit.DtlsWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.transport.TlsIdentities;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.tls.CipherSuite;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions, and what those get who are none's.
@SuppressWarnings("NullAway.Init") // made before all tests
class DtlsListenerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int HELLO_VERIFY_REQUEST = 3;
  private static final int MESSAGE_TYPE = 13;

  private static DtlsSettings settings;

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) throws IOException {
    settings = settings(TestCertificate.ec(directory, "turn.example"));
  }

  @ParameterizedTest
  @EnumSource(names = {"NATIVE", "PORTABLE"})
  void opensslIsUnderstood(UdpMode mode) {
    try (var venue = new DtlsVenue(mode, settings);
        var openssl = openssl(venue)) {
      openssl.tell("@one");
      openssl.awaitLine("@one", PATIENCE);
      openssl.tell("@two");
      openssl.awaitLine("@two", PATIENCE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES128-GCM-SHA256"
      })
  void opensslIsUnderstoodWithAnRsaKey(String suite, @TempDir Path other) throws IOException {
    try (var venue =
            new DtlsVenue(UdpMode.AUTO, settings(TestCertificate.rsa(other, "turn.example")));
        var openssl = openssl(venue, "-cipher", suite)) {
      openssl.tell("@" + suite);
      openssl.awaitLine("@" + suite, PATIENCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"X25519", "P-256", "P-384", "P-521:P-384"})
  void opensslChoosesAmongTheCurves(String groups, @TempDir Path other) throws IOException {
    try (var venue =
            new DtlsVenue(UdpMode.AUTO, settings(TestCertificate.rsa(other, "turn.example")));
        var openssl = openssl(venue, "-groups", groups)) {
      openssl.tell("@curve");
      openssl.awaitLine("@curve", PATIENCE);
    }
  }

  @Test
  void theServerThatTheClientNamesShowsItsCertificate(@TempDir Path other) throws IOException {
    var both =
        settings(
            TestCertificate.ec(other, "one.example"), TestCertificate.rsa(other, "two.example"));
    try (var venue = new DtlsVenue(UdpMode.AUTO, both);
        var openssl = openssl(venue, "-servername", "two.example")) {
      openssl.tell("@two");
      openssl.awaitLine("@two", PATIENCE);
      openssl.awaitLine("depth=0 CN = two.example", PATIENCE);
    }
  }

  @Test
  void messagesOfManySizesPass() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      for (int size : new int[] {0, 1, 100, 1_350}) {
        String text = "@" + "x".repeat(size);
        assertEquals(text, echo(client, text));
      }
      assertEquals(1, venue.sessions());
    }
  }

  @Test
  void whatIsTooLargeForARecordIsDropped() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      client.send(Bytes.utf8("@large"));
      venue.await(DropReason.TOO_LARGE, 1);
      assertEquals("@more", echo(client, "@more"));
    }
  }

  @Test
  void severalRecordsOfOneDatagramAreRead() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      client.sent().clear();
      client.withholds = _ -> true;
      client.send(Bytes.utf8("@first"));
      client.send(Bytes.utf8("@second"));
      var first = client.sent().get(0);
      var second = client.sent().get(1);
      client.sendDatagram(first.plus(first).plus(second)); // the second of them is a replay
      assertEquals(Bytes.utf8("@first"), client.receive(PATIENCE));
      assertEquals(Bytes.utf8("@second"), client.receive(PATIENCE));
      client.sendDatagram(second);
      assertNull(client.receive(Duration.ofMillis(100)));
      assertEquals(2, venue.get(Counter.CLIENT_PACKETS_IN));
    }
  }

  @Test
  void aCookieIsGoodForItsAddressOnly() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address());
        var stranger = new DtlsWire(venue.address())) {
      var withCookie = client.sent().get(1);
      stranger.sendDatagram(withCookie);
      assertEquals(HELLO_VERIFY_REQUEST, stranger.receiveDatagram().at(MESSAGE_TYPE));
      assertEquals(1, venue.get(Counter.DTLS_SESSIONS_OPENED));
      assertEquals("@still", echo(client, "@still"));
    }
  }

  @Test
  void aStrangerCostsNoSession() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings)) {
      var hello = firstHello(venue);
      long before = venue.get(Counter.DTLS_COOKIES);
      for (int i = 0; i < 5_000; i++) {
        try (var stranger = new DtlsWire(venue.address())) {
          stranger.sendDatagram(hello);
          assertTrue(stranger.receiveDatagram().length() < hello.length(), "an amplifier");
        }
      }
      assertEquals(before + 5_000, venue.get(Counter.DTLS_COOKIES));
      assertEquals(0, venue.get(Counter.DTLS_SESSIONS_OPENED));
    }
  }

  @Test
  void whatIsNoHelloIsDroppedAndCounted() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var stranger = new DtlsWire(venue.address())) {
      var garbage = new ArrayList<Bytes>();
      garbage.add(Bytes.of(new byte[2_000]));
      for (int type : new int[] {20, 21, 23, 24, 25, 0, 255}) {
        garbage.add(record(type, 0xfefd, 0, new byte[67]));
      }
      for (var datagram : garbage) {
        stranger.sendDatagram(datagram);
        venue.await(DropReason.NO_DTLS_SESSION, garbage.indexOf(datagram) + 1);
      }
      assertEquals(0, venue.get(Counter.DTLS_COOKIES));
      assertEquals(0, venue.sessions());
    }
  }

  @Test
  void brokenHellosAreAnsweredByACookieOrDropped() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var stranger = new DtlsWire(venue.address())) {
      var hello = firstHello(venue);
      long before = venue.get(Counter.DTLS_COOKIES);
      var random = new Random(7);
      int count = 3_000;
      for (int i = 0; i < count; i++) {
        byte[] broken = Arrays.copyOf(hello.toArray(), hello.length() - random.nextInt(4));
        for (int change = random.nextInt(4); change >= 0; change--) {
          broken[random.nextInt(broken.length)] = (byte) random.nextInt();
        }
        stranger.sendDatagram(Bytes.of(broken));
        long told = i + 1L;
        if (i % 100 == 0) {
          Await.until(
              PATIENCE,
              () ->
                  venue.get(Counter.DTLS_COOKIES) - before + venue.get(DropReason.NO_DTLS_SESSION)
                      == told,
              () -> "neither answered nor counted");
        }
      }
      assertEquals(0, venue.get(DropReason.INTERNAL_FAULT));
      assertEquals(0, venue.sessions());
    }
  }

  @Test
  void aClientThatFallsSilentIsGivenUp() {
    var hasty = with(10_000, 256, 64, Duration.ofSeconds(1));
    try (var venue = new DtlsVenue(UdpMode.AUTO, hasty);
        var client = new DtlsWire(venue.address())) {
      client.loses = datagram -> datagram.at(MESSAGE_TYPE) != HELLO_VERIFY_REQUEST;
      client.timeout = Duration.ofMillis(400);
      assertThrows(UncheckedIOException.class, client::shakeHands);
      venue.await(Counter.DTLS_SESSIONS_OPENED, 1);
      venue.await(DropReason.TLS_FAILED, 1);
      assertEquals(0, venue.sessions());
    }
  }

  @Test
  void aLostFlightIsSentAgain() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = new DtlsWire(venue.address())) {
      var lost = new AtomicInteger();
      client.loses =
          datagram ->
              datagram.at(MESSAGE_TYPE) != HELLO_VERIFY_REQUEST && lost.incrementAndGet() <= 4;
      client.shakeHands();
      assertTrue(lost.get() > 4);
      assertEquals("@here", echo(client, "@here"));
    }
  }

  /// The server's last flight, ChangeCipherSpec and Finished, is sent again by the loop.
  @Test
  void aLostLastFlightIsSentAgain() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = new DtlsWire(venue.address())) {
      var lost = new AtomicInteger();
      client.loses =
          datagram -> (datagram.at(0) == 20 || datagram.at(4) == 1) && lost.incrementAndGet() <= 2;
      client.shakeHands();
      assertTrue(lost.get() > 2);
      assertEquals("@here", echo(client, "@here"));
    }
  }

  @Test
  void forgedRecordsDoNotEndASession() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      assertEquals("@before", echo(client, "@before"));
      byte[] sound = client.sent().getLast().toArray();
      var forged = new ArrayList<Bytes>();
      forged.add(record(21, 0xfefe, 0, new byte[] {2, 40}));
      forged.add(record(21, 0xfefd, 0, new byte[] {2, 40}));
      forged.add(record(21, 0xfefd, 1, new byte[] {2, 40}));
      forged.add(record(23, 0xfefd, 1, new byte[23]));
      forged.add(record(23, 0xfefd, 1, new byte[24]));
      forged.add(record(22, 0xfefd, 1, new byte[60]));
      forged.add(record(20, 0xfefd, 0, new byte[] {1}));
      var random = new Random(11);
      for (int i = 0; i < 2_000; i++) {
        byte[] changed = sound.clone();
        changed[10] = 99; // ahead of the window
        changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
        forged.add(Bytes.of(changed));
      }
      for (var datagram : forged) {
        client.sendDatagram(datagram);
      }
      assertEquals("@after", echo(client, "@after"));
      assertEquals(0, venue.get(DropReason.INTERNAL_FAULT));
      assertTrue(venue.get(DropReason.MALFORMED_DTLS) >= 3);
      assertEquals(1, venue.sessions());
    }
  }

  @Test
  void closeNotifyEndsTheSession() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      venue.await(Counter.DTLS_SESSIONS_OPENED, 1);
      client.takeLeave();
      venue.await(Counter.DTLS_SESSIONS_CLOSED, 1);
    }
  }

  @Test
  void theServerTakesLeave() {
    var venue = new DtlsVenue(UdpMode.AUTO, settings);
    try (var client = DtlsWire.to(venue.address())) {
      assertEquals("@here", echo(client, "@here"));
      venue.close();
      var alert = client.receiveDatagram();
      assertEquals(21, alert.at(0));
      assertEquals(1, alert.at(4)); // encrypted
    }
  }

  @Test
  void aClientThatStartsAgainFromItsPortGetsANewSession() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      assertEquals("@once", echo(client, "@once"));
      client.loses = datagram -> datagram.at(0) == 21; // the former session's close_notify
      client.shakeHands();
      assertEquals("@again", echo(client, "@again"));
      venue.await(Counter.DTLS_SESSIONS_OPENED, 2);
      assertEquals(1, venue.sessions());
    }
  }

  @Test
  void aHandshakeThatGivesWayToTheNextSaysNothingIntoIt() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var quick = DtlsWire.to(venue.address()); // the next one's first flight comes at once
        var client = new DtlsWire(venue.address())) {
      client.loses = datagram -> datagram.at(MESSAGE_TYPE) != HELLO_VERIFY_REQUEST;
      client.withholds = datagram -> datagram.at(0) == 21; // it does not say that it gives up
      client.timeout = Duration.ofMillis(400);
      assertThrows(UncheckedIOException.class, client::shakeHands);
      var verified = new AtomicInteger(); // what came before is of the first
      client.loses =
          datagram -> {
            verified.addAndGet(datagram.at(MESSAGE_TYPE) == HELLO_VERIFY_REQUEST ? 1 : 0);
            return verified.get() == 0;
          };
      client.timeout = PATIENCE;
      client.shakeHands();
      assertEquals("@here", echo(client, "@here"));
      assertEquals("@there", echo(quick, "@there"));
      assertEquals(3, venue.get(Counter.DTLS_SESSIONS_OPENED));
      assertEquals(0, venue.get(DropReason.TLS_FAILED));
    }
  }

  @Test
  void anIdleSessionWithoutAllocationIsEnded() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var client = DtlsWire.to(venue.address())) {
      assertEquals("@here", echo(client, "@here"));
      venue.sweep(Duration.ofSeconds(1));
      venue.sweep(Duration.ofSeconds(60));
      assertEquals(1, venue.sessions());
      assertEquals("@here", echo(client, "@here"));
      venue.sweep(Duration.ofSeconds(62));
      venue.sweep(Duration.ofSeconds(122));
      assertEquals(1, venue.sessions());
      venue.sweep(Duration.ofSeconds(123));
      assertEquals(0, venue.sessions());
      venue.await(DropReason.CONNECTION_TIMED_OUT, 1);
    }
  }

  @Test
  void aHandshakeThatIsOverLeavesRoomForTheNext() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, with(100, 2, 100, Duration.ofSeconds(10)))) {
      for (int i = 0; i < 6; i++) {
        try (var client = DtlsWire.to(venue.address())) {
          assertEquals("@here", echo(client, "@here"));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void sessionsAreBounded(int which) {
    int[] bounds = {100, 100, 100};
    bounds[which] = 2;
    var bounded = with(bounds[0], bounds[1], bounds[2], Duration.ofSeconds(10));
    try (var venue = new DtlsVenue(UdpMode.AUTO, bounded)) {
      var clients = new ArrayList<DtlsWire>();
      for (int i = 0; i < 3; i++) {
        var client = new DtlsWire(venue.address());
        clients.add(client);
        client.loses = datagram -> datagram.at(MESSAGE_TYPE) != HELLO_VERIFY_REQUEST;
        client.timeout = Duration.ofMillis(400);
        assertThrows(UncheckedIOException.class, client::shakeHands);
      }
      Await.until(PATIENCE, () -> venue.get(DropReason.DTLS_BUSY) > 0, () -> "all were let in");
      assertEquals(2, venue.get(Counter.DTLS_SESSIONS_OPENED));
      clients.forEach(DtlsWire::close);
    }
  }

  @Test
  void aClientWithoutExtendedMasterSecretOrAModernSuiteIsRefused() {
    try (var venue = new DtlsVenue(UdpMode.AUTO, settings);
        var old = new DtlsWire(venue.address());
        var weak = new DtlsWire(venue.address())) {
      old.offersExtendedMasterSecret = false;
      assertThrows(UncheckedIOException.class, old::shakeHands);
      weak.suites = new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256};
      assertThrows(UncheckedIOException.class, weak::shakeHands);
      venue.await(DropReason.TLS_FAILED, 2);
      assertEquals(0, venue.sessions());
    }
  }

  /// A whole ClientHello without a cookie.
  private static Bytes firstHello(DtlsVenue venue) {
    try (var client = new DtlsWire(venue.address())) {
      client.withholds = _ -> true;
      client.timeout = Duration.ofMillis(1);
      assertThrows(UncheckedIOException.class, client::shakeHands);
      return client.sent().getFirst();
    }
  }

  private static DtlsSettings settings(TestCertificate... certificates) throws IOException {
    var files =
        Arrays.stream(certificates).map(c -> new CertificateFiles(c.file(), c.key())).toList();
    return DtlsSettings.of(new TlsIdentities(files, false)::identityFor);
  }

  private static DtlsSettings with(
      int sessions, int handshakes, int perSource, Duration handshakeTimeout) {
    return new DtlsSettings(
        settings.identities(),
        sessions,
        handshakes,
        perSource,
        handshakeTimeout,
        settings.idleTimeout());
  }

  private static Bytes record(int type, int version, int epoch, byte[] content) {
    var record = ByteBuffer.allocate(13 + content.length);
    record.put((byte) type).putShort((short) version).putShort((short) epoch);
    record.putShort((short) 0).putInt(77).putShort((short) content.length).put(content);
    return Bytes.of(record.array());
  }

  private static @Nullable String echo(DtlsWire client, String text) {
    client.send(Bytes.utf8(text));
    var answer = client.receive(PATIENCE);
    return answer == null ? null : answer.asUtf8();
  }

  private static ChildProcess openssl(DtlsVenue venue, String... options) {
    var command = new ArrayList<>(List.of("openssl", "s_client", "-dtls1_2", "-quiet"));
    command.addAll(List.of("-connect", "127.0.0.1:" + venue.address().getPort()));
    command.addAll(List.of(options));
    return ChildProcess.start(command);
  }
}
