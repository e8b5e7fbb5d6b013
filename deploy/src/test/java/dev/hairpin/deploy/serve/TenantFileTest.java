package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.server.TenantSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a tenant's file says and what it may not say.
class TenantFileTest {
  private static final String SERVERS = "f7c51b8d8a94452f0e3a6b97cc1d28e5";
  private static final String ACMES = "0f3c5a97e1d24b68ac7e91b35df80246";

  @TempDir Path folder;
  private Path tenants = Path.of("");

  @BeforeEach
  void write() throws IOException {
    tenants = Files.createDirectory(folder.resolve("tenants"));
    write("../secret", SERVERS);
    write("acme.secret", ACMES);
  }

  private Path write(String name, String text) throws IOException {
    var file = Files.writeString(tenants.resolve(name), text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private Plan plan(Object... keysAndTexts) {
    var all = new ArrayList<Object>(List.of(keysAndTexts));
    all.addAll(
        List.of(TurnKeys.SECRET_FILE, folder.resolve("secret"), HairpinKeys.TENANTS_DIR, tenants));
    return Plan.of(Samples.with(folder.resolve("data"), all.toArray()));
  }

  private TenantSettings onlyTenant(Object... keysAndTexts) {
    var tenants = plan(keysAndTexts).turnSettings(List.of()).tenants();
    assertEquals(1, tenants.size());
    return tenants.getFirst();
  }

  @Test
  void whatAFileLeavesOutIsAsForTheServersOwnUsers() throws IOException {
    write("acme.yml", "secret-file: acme.secret");
    Object[] server = {
      TurnKeys.REALM, "example.org",
      TurnKeys.USER_QUOTA, "7",
      TurnKeys.REALM_QUOTA, "9",
      TurnKeys.PEERS_ALLOW, "10.1.0.0/16",
      TurnKeys.PEERS_DENY, "1.1.1.0/24",
      HairpinKeys.API_TTL_DEFAULT, "2h"
    };
    var acme = onlyTenant(server);
    assertEquals("acme", acme.tenant().name());
    assertEquals("example.org", acme.tenant().realm());
    assertEquals(7, acme.quotas().perUser());
    assertEquals(0, acme.quotas().perRealm());
    assertEquals(List.of(IpPrefix.parse("10.1.0.0/16")), acme.policy().allowedPeers());
    assertEquals(List.of(IpPrefix.parse("1.1.1.0/24")), acme.policy().deniedPeers());
    var api = plan(server).apiTenants(plan(server).listeners(), null).getFirst();
    assertEquals("PT2H", api.ttl().standard().toString());
    assertTrue(api.turnUrls().contains("turn:192.0.2.7:3478?transport=udp"), api::toString);
  }

  @Test
  void whatAFileSaysHoldsForItsTenant() throws IOException {
    write("acme.revoked", "*:alice\n1800000000:~tenant=acme~bob");
    write(
        "acme.yml",
        """
        realm: acme.example
        secret-file: acme.secret
        revoked-file: acme.revoked
        quotas: {user: 3, total: 40}
        peers: {allow: [], deny: 8.8.8.8}
        ttl: {default: 10m, min: 5m, max: 15m}
        urls: ['turns:turn.acme.example:443?transport=tcp', 'stun:turn.acme.example']
        """);
    write("notes.txt", "no tenant");
    write(".#acme.yml", "an editor's");
    Object[] server = {TurnKeys.PEERS_ALLOW, "10.1.0.0/16", TurnKeys.PEERS_DENY, "1.1.1.0/24"};
    var acme = onlyTenant(server);
    assertEquals("acme.example", acme.tenant().realm());
    assertEquals(2, acme.tenant().revoked().size());
    assertEquals(3, acme.quotas().perUser());
    assertEquals(40, acme.quotas().perRealm());
    assertEquals(List.of(), acme.policy().allowedPeers());
    assertEquals(
        List.of(IpPrefix.parse("1.1.1.0/24"), IpPrefix.parse("8.8.8.8")),
        acme.policy().deniedPeers());
    var api = plan(server).apiTenants(plan(server).listeners(), null).getFirst();
    assertEquals(List.of("turns:turn.acme.example:443?transport=tcp"), api.turnUrls());
    assertEquals(List.of("stun:turn.acme.example"), api.stunUrls());
    assertEquals("PT15M", api.ttl().max().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secret-fil: x | :2: secret-fil: unknown key; did you mean secret-file?",
        "quotas: {usr: 1} | :2: quotas.usr: unknown key; did you mean quotas.user?",
        "quotas: {total: -1} | :2: quotas.total: '-1' is not a whole number; write a whole number",
        "peers: {allow: 10.0.0.1/8} | :2: peers.allow:",
        "peers: {unsafe-allow-metadata: 169.254.169.254} | :2: peers.unsafe-allow-metadata:"
            + " unknown",
        "ttl: {default: 2d} | :2: ttl.default: ttl needs 1 second <= min",
        "ttl: {max: 3d} | :2: ttl.max: the TURN server would refuse credentials",
        "realm: 'a\"b' | :2: realm: a realm has 1 to 127 characters",
        "public-host: '-' | :2: public-host: '-' is not an IP address; write a host",
        "urls: 'stun:a' | :2: urls: there is none for TURN; add a turn: or turns: URL",
        "urls: 'http://a' | :2: urls: 'http://a' is not a STUN or TURN URL; write a URL like",
        "revoked-file: acme.secret | :2: revoked-file: '0f3c5a97",
        "revoked-file: none | :2: revoked-file: cannot read"
      })
  void whatIsWrongIsToldWithFileAndLine(String line, String problem) throws IOException {
    var file = write("acme.yml", "secret-file: acme.secret\n" + line);
    assertProblem(file + problem.strip());
  }

  private void assertProblem(String beginning) {
    String message = assertThrows(ConfigException.class, this::plan).getMessage();
    assertTrue(message.startsWith(beginning), message);
  }

  @Test
  void urlsAndHostAreOneOrTheOther() throws IOException {
    var file = write("acme.yml", "secret-file: acme.secret\npublic-host: a.b\nurls: 'turn:a.b'");
    assertProblem(file + ":3: urls: public-host says them already; remove one of the two");
  }

  @Test
  void aTenantHasSecretsThatNobodyElseHas() throws IOException {
    var acme = write("acme.yml", "realm: acme.example");
    assertProblem(acme + ": secret-file: is not written; name a file with secrets of this tenant");
    write("acme.yml", "secret-file: ../secret");
    String own = " is the server's too; make one for this tenant alone";
    assertProblem(acme + ":1: secret-file: a secret in " + folder.resolve("secret") + own);
    write("acme.yml", "secret-file: acme.secret");
    var beta = write("beta.yml", "\nsecret-file: beta.secret");
    var secret = write("beta.secret", SERVERS + "1\n" + ACMES + " not-after=2027-01-31T12:00:00Z");
    assertProblem(beta + ":2: secret-file: a secret in " + secret + " is acme's too; make one");
    write("beta.secret", "north");
    Object[] exposed = {TurnKeys.LISTEN, "udp://0.0.0.0:3478"};
    String weak = assertThrows(ConfigException.class, () -> plan(exposed)).getMessage();
    assertTrue(
        weak.startsWith(beta + ":2: secret-file: " + secret + " holds a secret that can be"), weak);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    String open = assertThrows(ConfigException.class, () -> plan(exposed)).getMessage();
    assertTrue(open.contains("is open to other users of this machine"), open);
  }

  @Test
  void aFolderHoldsTenantsByTheirNames() throws IOException {
    for (String name : List.of("Acme.yml", "a.b.yml", "acme.yaml", "a".repeat(33) + ".yml")) {
      var file = write(name, "secret-file: acme.secret");
      assertProblem(file + ": names no tenant; call it NAME.yml");
      Files.delete(file);
    }
    assertEquals(List.of(), plan().tenants());
    Object[] gone = {HairpinKeys.TENANTS_DIR, folder.resolve("none")};
    String message =
        assertThrows(
                ConfigException.class, () -> Plan.of(Samples.with(folder.resolve("data"), gone)))
            .getMessage();
    assertTrue(message.startsWith("--tenants-dir: cannot read "), message);
  }
}
