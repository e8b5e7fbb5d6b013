package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates and keys that cannot be used, at the start and while a server runs.
class CertificateFilesTest {
  private static final int CHANNEL = 0x4000;

  @TempDir private Path folder = Path.of("");

  private TestCertificate good() {
    return TestCertificate.ec(folder, "localhost");
  }

  private Map<String, CertificateFiles> badFiles(TestCertificate good) throws IOException {
    var other = TestCertificate.rsa(folder, "other");
    String key = Files.readString(good.key());
    String chain = Files.readString(good.file());
    var bad = new LinkedHashMap<String, CertificateFiles>();
    bad.put("no certificate file", files(folder.resolve("none"), good.key()));
    bad.put("no key file", files(good.file(), folder.resolve("none")));
    bad.put("an empty certificate file", files(write("a", ""), good.key()));
    bad.put("an empty key file", files(good.file(), write("b", "")));
    bad.put("another's key", files(good.file(), other.key()));
    bad.put("another's certificate", files(other.file(), good.key()));
    bad.put("half a certificate", files(write("c", chain.substring(0, 300)), good.key()));
    bad.put("half a key", files(good.file(), write("d", key.substring(0, 80))));
    bad.put("a key with a password", files(good.file(), good.encryptedKey("secret")));
    bad.put("the files in the wrong order", files(good.key(), good.file()));
    bad.put("a folder for a certificate", files(folder, good.key()));
    bad.put("bytes for a key", files(good.file(), write("e", "\u0000\u0001\u0002")));
    bad.put("a weak RSA key", weak("rsa_keygen_bits:1024", "-sha256"));
    bad.put("a signature by SHA-1", weak("rsa_keygen_bits:2048", "-sha1"));
    return bad;
  }

  private CertificateFiles weak(String option, String digest) {
    var made = TestCertificate.make(folder, "weak", "rsa", option, digest);
    return files(made.file(), made.key());
  }

  @Test
  void whatCannotBeUsedStopsTheStartAndIsNamed() throws IOException {
    for (var bad : badFiles(good()).entrySet()) {
      var e =
          assertThrows(
              UncheckedIOException.class, () -> start(bad.getValue()).close(), bad.getKey());
      String message = String.valueOf(e.getMessage());
      assertTrue(
          message.contains(bad.getValue().chain().toString())
              || message.contains(bad.getValue().key().toString()),
          message);
    }
  }

  @Test
  void whatCannotBeUsedLaterLeavesTheFormerInForce() throws IOException {
    var good = good();
    var bad = badFiles(good);
    try (var scene = start(files(good.file(), good.key()));
        var client = scene.over(scene.tls(TlsProfile.trusting(good)))) {
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      for (var files : bad.entrySet()) {
        assertThrows(
            IOException.class,
            () -> scene.server.prepare(List.of(files.getValue())),
            files.getKey());
        try (var wire = scene.tls(TlsProfile.trusting(good))) {
          assertEquals(good.certificate(), wire.servedCertificate());
        }
        client.sendOnChannel(CHANNEL, Bytes.utf8(files.getKey()));
        assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.utf8(files.getKey())), client.receive());
      }
    }
  }

  @Test
  void preparedCertificatesAreInForceOnceTheyAreRun() throws IOException {
    var good = good();
    var next = TestCertificate.rsa(folder, "localhost");
    try (var scene = start(files(good.file(), good.key()))) {
      var change = scene.server.prepare(List.of(files(next.file(), next.key())));
      var both = TlsProfile.trusting(good, next);
      try (var wire = scene.tls(both)) {
        assertEquals(good.certificate(), wire.servedCertificate());
      }
      change.run();
      try (var wire = scene.tls(both)) {
        assertEquals(next.certificate(), wire.servedCertificate());
      }
    }
  }

  /// As where a key could not be read when it had just come, for want of a right or of a
  /// descriptor: when that is mended, the file has no later time.
  @Test
  void whatCouldNotBeReadIsReadAgainThoughItsTimeStaysTheSame() throws IOException {
    var old = good();
    var young = TestCertificate.rsa(folder, "localhost");
    var later = FileTime.from(Instant.now().plusSeconds(5));
    try (var scene = start(files(old.file(), old.key()))) {
      var identities = scene.server.shared.streams().identities();
      Files.copy(young.file(), old.file(), StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(old.key(), "");
      Files.setLastModifiedTime(old.key(), later);
      identities.refresh();
      Files.copy(young.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(old.key(), later);
      identities.refresh();
      try (var wire = scene.tls(TlsProfile.trusting(young))) {
        assertEquals(young.certificate(), wire.servedCertificate());
      }
    }
  }

  @Test
  void twoHundredChangesUnderLoadLoseNothing() throws IOException {
    var good = good();
    var next = TestCertificate.rsa(folder, "localhost");
    var pair = List.of(files(good.file(), good.key()), files(next.file(), next.key()));
    try (var scene = start(pair.getFirst());
        var client = scene.over(scene.tls(TlsProfile.trusting(good)))) {
      client.allocate();
      client.bind(CHANNEL, scene.peer.address());
      for (int i = 0; i < 200; i++) {
        scene.server.prepare(List.of(pair.get(i % 2))).run();
        if (i % 20 == 0) {
          try (var wire = scene.tls(TlsProfile.trusting(good))) {
            assertEquals(good.certificate(), wire.servedCertificate());
          }
        }
        client.sendOnChannel(CHANNEL, Bytes.uint32(i));
        assertEquals(new Delivery.OnChannel(CHANNEL, Bytes.uint32(i)), client.receive());
      }
    }
  }

  @Test
  void aCertificateThatHasEndedOrNotBegunIsServedAndItsEndIsTold() throws Exception {
    var good = good();
    for (int year : List.of(2020, 2099)) {
      var begin = Instant.parse(year + "-01-01T00:00:00Z");
      var end = begin.plus(Duration.ofDays(30));
      try (var scene = start(lasting(begin, end))) {
        assertEquals(end.getEpochSecond(), scene.server.certificatesEndSeconds());
      }
      try (var scene = start(files(good.file(), good.key()))) {
        scene.server.prepare(List.of(lasting(begin, end))).run();
        assertEquals(end.getEpochSecond(), scene.server.certificatesEndSeconds());
      }
    }
  }

  private CertificateFiles lasting(Instant begin, Instant end)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    var pairs = KeyPairGenerator.getInstance("EC");
    pairs.initialize(256);
    var pair = pairs.generateKeyPair();
    var name = new X500Name("CN=localhost");
    var made =
        new JcaX509v3CertificateBuilder(
                name, BigInteger.ONE, Date.from(begin), Date.from(end), name, pair.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    return files(
        write("chain" + begin, pem("CERTIFICATE", made.getEncoded())),
        write("key" + begin, pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(bytes), type);
  }

  @Test
  void keysOnEveryCommonCurveAreServed() {
    for (String[] kind :
        new String[][] {
          {"ec", "ec_paramgen_curve:secp384r1"},
          {"ec", "ec_paramgen_curve:secp521r1"},
          {"rsa", "rsa_keygen_bits:3072"},
          {"ed25519", ""}
        }) {
      var made = TestCertificate.make(folder, "localhost", kind[0], kind[1]);
      try (var scene = start(files(made.file(), made.key()));
          var wire = scene.tls(TlsProfile.trusting(made))) {
        assertEquals(made.certificate(), wire.servedCertificate());
      }
    }
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static CertificateFiles files(Path chain, Path key) {
    return new CertificateFiles(chain, key);
  }

  private static StreamScene start(CertificateFiles files) {
    return StreamScene.start(
        UdpMode.AUTO,
        List.of("tls://127.0.0.1:0"),
        d -> d.streams = StreamSettings.DEFAULT.withCertificates(List.of(files)));
  }
}
