package dev.hairpin.deploy.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.credentialapi.ApiSettings;
import dev.hairpin.credentialapi.TtlRange;
import dev.hairpin.deploy.config.ConfigException;
import dev.hairpin.deploy.config.Configuration;
import dev.hairpin.deploy.config.TurnKeys;
import dev.hairpin.turnserver.net.ListenUrl;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  private static final URI API = URI.create("http://127.0.0.1:8080");

  @TempDir Path folder;

  @Test
  void withoutConfigurationBothRolesServeWithEveryDefault() {
    var plan = plan();
    assertTrue(plan.servesTurn());
    assertEquals(API, plan.configuration().one(HairpinKeys.API_LISTEN));
    var api = apiSettings(plan, plan.listeners());
    assertEquals(TtlRange.DEFAULT, api.ttl());
    assertEquals(List.of(), api.corsOrigins());
    assertEquals(List.of("stun:192.0.2.7:3478", "stun:[2001:db8::7]:3478"), api.stunUrls());
    assertEquals(
        List.of(
            "turn:192.0.2.7:3478?transport=udp",
            "turn:[2001:db8::7]:3478?transport=udp",
            "turn:192.0.2.7:3478?transport=tcp",
            "turn:[2001:db8::7]:3478?transport=tcp"),
        api.turnUrls());
    assertFalse(plan.sharesTls());
    assertEquals(List.of(), plan.warnings());
  }

  @Test
  void urlsNameTheExternalAddressWhereThereIsOne() {
    assertUrls(
        plan(TurnKeys.EXTERNAL_ADDRESS, "203.0.113.7"), "203.0.113.7:3478", "[2001:db8::7]:3478");
  }

  @Test
  void ofSeveralExternalAddressesThatOfTheListenerIsNamed() {
    var plan =
        plan(
            TurnKeys.LISTEN,
            "udp://192.0.2.8:3478 udp://0.0.0.0:3479",
            TurnKeys.RELAY_ADDRESSES,
            "192.0.2.7 192.0.2.8",
            TurnKeys.EXTERNAL_ADDRESS,
            "203.0.113.7/192.0.2.7 203.0.113.8/192.0.2.8");
    assertUrls(plan, "203.0.113.8:3478", "203.0.113.7:3479");
  }

  @Test
  void urlsNameThePublicHostWhereThereIsOne() {
    assertUrls(plan(HairpinKeys.API_PUBLIC_HOST, "turn.example.org"), "turn.example.org:3478");
    assertUrls(plan(HairpinKeys.API_PUBLIC_HOST, "2001:db8::9"), "[2001:db8::9]:3478");
  }

  @Test
  void urlsNameTheListenersOwnAddressAndTheRealPort() {
    var plan = plan(TurnKeys.LISTEN, "udp://127.0.0.1:0 udp://[::1]:0");
    var bound =
        List.of(ListenUrl.parse("udp://127.0.0.1:5001"), ListenUrl.parse("udp://[::1]:5002"));
    assertEquals(
        List.of("stun:127.0.0.1:5001", "stun:[::1]:5002"), apiSettings(plan, bound).stunUrls());
  }

  @Test
  void everyTransportHasAUrlOfItsOwnAndTheCheapestComesFirst() throws IOException {
    var plan =
        plan(
            TurnKeys.LISTEN,
            "dtls://192.0.2.7:5349 tls://0.0.0.0:443 tls://[::]:443 tcp://0.0.0.0:80"
                + " udp://0.0.0.0:3478",
            TurnKeys.TLS_CERTIFICATES,
            file("chain.pem"),
            TurnKeys.TLS_KEYS,
            file("key.pem"),
            HairpinKeys.API_PUBLIC_HOST,
            "turn.example.org");
    var api = apiSettings(plan, plan.listeners());
    assertEquals(List.of("stun:turn.example.org:3478"), api.stunUrls());
    assertEquals(
        List.of(
            "turn:turn.example.org:3478?transport=udp",
            "turn:turn.example.org:80?transport=tcp",
            "turns:turn.example.org:443?transport=tcp",
            "turns:turn.example.org:5349?transport=udp"),
        api.turnUrls());
    assertEquals(List.of(), plan.warnings());
  }

  @Test
  void whereAUrlForTlsBearsAnAddressTheOperatorIsWarned() throws IOException {
    var plan =
        plan(
            TurnKeys.LISTEN,
            "tls://0.0.0.0:443",
            TurnKeys.TLS_CERTIFICATES,
            file("chain.pem"),
            TurnKeys.TLS_KEYS,
            file("key.pem"));
    assertEquals(
        List.of("turns:192.0.2.7:443?transport=tcp"),
        apiSettings(plan, plan.listeners()).turnUrls());
    assertTrue(plan.warnings().getFirst().contains("api.public-host"), plan.warnings().toString());
  }

  @Test
  void aServerForTurnAloneHandsOutNoUrlForStun() {
    var plan = plan(TurnKeys.MODE, "turn-only");
    assertEquals(List.of(), apiSettings(plan, plan.listeners()).stunUrls());
  }

  @Test
  void aServerForStunAloneNeedsNoSecretOfTheOperatorsAndHasNothingToIssue() {
    assertTrue(plan(TurnKeys.MODE, "stun-only", HairpinKeys.ROLES, "turn").servesTurn());
    assertRefused(
        "--mode: STUN needs no credentials, so there is nothing for the API to issue;"
            + " write roles: turn",
        TurnKeys.MODE,
        "stun-only");
  }

  @Test
  void httpsIsSharedOnlyWhereATlsListenerIsThere() throws IOException {
    assertRefused(
        "--api.https: no TLS listener of this process is there to be shared;"
            + " add one like tls://0.0.0.0:443 to listen, with tls.certificate and tls.key",
        HairpinKeys.API_HTTPS,
        "shared");
    assertTrue(
        plan(
                HairpinKeys.API_HTTPS,
                "shared",
                TurnKeys.LISTEN,
                "tls://0.0.0.0:443",
                TurnKeys.TLS_CERTIFICATES,
                file("chain.pem"),
                TurnKeys.TLS_KEYS,
                file("key.pem"))
            .sharesTls());
  }

  @Test
  void theApisListenerIsNoPeer() {
    var own = List.of(HttpForms.addressOf(API));
    assertEquals(own, plan().turnSettings(own).ownAddresses());
  }

  @Test
  void aProcessWithoutApiMakesNoKey() throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef");
    var plan = plan(HairpinKeys.ROLES, "turn", TurnKeys.SECRET_FILE, secret);
    assertNull(plan.callers());
    assertFalse(Files.exists(folder.resolve("data/api-key")));
  }

  @Test
  void rolesApartMustShareASecretThatTheOperatorNames() {
    assertRefused(
        "--roles: TURN and API run apart and share no secret;"
            + " name a file with the same secrets in both by secret-file",
        HairpinKeys.ROLES,
        "turn");
  }

  @Test
  void anApiOnItsOwnMustBeToldWhereTheTurnServerIs() throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef");
    assertRefused(
        "--roles: the API does not know where the TURN server is;"
            + " name its host by api.public-host and its ports by listen",
        HairpinKeys.ROLES,
        "api",
        TurnKeys.SECRET_FILE,
        secret);
    assertFalse(
        plan(
                HairpinKeys.ROLES,
                "api",
                TurnKeys.SECRET_FILE,
                secret,
                HairpinKeys.API_PUBLIC_HOST,
                "turn.example.org")
            .servesTurn());
  }

  @Test
  void credentialsThatTheTurnServerWouldRefuseAreRefusedAtTheStart() {
    assertRefused(
        "--api.ttl.max: the TURN server would refuse credentials of the longest ttl;"
            + " lower api.ttl.max or raise auth.max-credential-ttl",
        HairpinKeys.API_TTL_MAX,
        "3d");
    assertRefused(
        "--auth.max-credential-ttl: the TURN server would refuse credentials of the longest ttl;"
            + " lower api.ttl.max or raise auth.max-credential-ttl",
        TurnKeys.MAX_CREDENTIAL_TTL,
        "1h");
  }

  @Test
  void aTtlRangeThatDoesNotRiseIsRefused() {
    assertRefused(
        "--api.ttl.min: ttl needs 1 second <= min <= default <= max, not PT25H, PT24H, PT24H;"
            + " put api.ttl.min, api.ttl.default and api.ttl.max into this order",
        HairpinKeys.API_TTL_MIN,
        "25h");
  }

  @Test
  void aJwtSecretAloneNeedsNoKey() throws IOException {
    var jwt = Files.writeString(folder.resolve("jwt"), "0123456789abcdef0123456789abcdef\n");
    var callers = plan(HairpinKeys.API_JWT_SECRET_FILE, jwt).callers();
    assertNotNull(callers);
    assertEquals(List.of(), callers.apiKeys());
    assertEquals(1, callers.jwtSecrets().size());
  }

  @Test
  void unsafeFilesAndAListenerInClearTextAreWarnedOf() throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), "hunter2");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    var plan = plan(TurnKeys.SECRET_FILE, secret, HairpinKeys.API_LISTEN, "http://0.0.0.0:8080");
    assertEquals(3, plan.warnings().size(), plan.warnings().toString());
    assertTrue(plan.warnings().get(0).endsWith("chmod 600 " + secret), plan.warnings().get(0));
    assertTrue(plan.warnings().get(1).contains("fewer than 16 characters"));
    assertTrue(plan.warnings().get(2).startsWith("http://0.0.0.0:8080 is plain HTTP"));
    assertFalse(plan.warnings().toString().contains("hunter2"));
    assertFalse(plan.toString().contains("hunter2"));
  }

  private Path file(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "");
  }

  private Plan plan(Object... keysAndTexts) {
    return Plan.of(configuration(keysAndTexts));
  }

  private Configuration configuration(Object... keysAndTexts) {
    return Samples.with(folder.resolve("data"), keysAndTexts);
  }

  private static ApiSettings apiSettings(Plan plan, List<ListenUrl> listeners) {
    var callers = plan.callers();
    assertNotNull(callers);
    return plan.apiSettings(API, callers, listeners);
  }

  private static void assertUrls(Plan plan, String... endpoints) {
    assertEquals(
        List.of(endpoints).stream().map(e -> "stun:" + e).toList(),
        apiSettings(plan, plan.listeners()).stunUrls());
  }

  private void assertRefused(String message, Object... keysAndTexts) {
    var error = assertThrows(ConfigException.class, () -> plan(keysAndTexts));
    assertEquals(message, error.getMessage());
  }
}
