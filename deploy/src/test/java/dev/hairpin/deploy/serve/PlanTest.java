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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  private static final String STRONG = "f7c51b8d8a94452f0e3a6b97cc1d28e5";
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
    var secret = secret(STRONG, "rw-------");
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
    var secret = secret(STRONG, "rw-------");
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
    var jwt = secret(STRONG, "rw-------");
    var callers = plan(HairpinKeys.API_JWT_SECRET_FILE, jwt).callers();
    assertNotNull(callers);
    assertEquals(List.of(), callers.apiKeys());
    assertEquals(1, callers.tokens().secrets().size());
  }

  @Test
  void keysThatAreFetchedNeedAnIssuerAndAnAudience() {
    assertRefused(
        "--api.jwks-url: whose keys these are, and for whom its tokens must be, is not said;"
            + " write api.jwt-issuer and api.jwt-audience",
        HairpinKeys.API_JWKS_URL,
        "https://login.example.org/jwks.json");
    assertRefused(
        "--api.jwks-url: 'http://login.example.org/jwks' is not a URL like"
            + " https://login.example.org/jwks.json;"
            + " write a URL like https://login.example.org/jwks.json",
        HairpinKeys.API_JWKS_URL,
        "http://login.example.org/jwks");
  }

  @Test
  void aSecretFileThatOthersCanReadIsRefusedWithTheRemedy() throws IOException {
    var secret = secret(STRONG, "rw-r--r--");
    assertRefused(
        "--secret-file: "
            + secret
            + " is open to other users of this machine; run: chmod 600 "
            + secret
            + " (or accept the danger by unsafe: open-secret-files)",
        TurnKeys.SECRET_FILE,
        secret);
    for (var key : List.of(HairpinKeys.API_KEY_FILE, HairpinKeys.API_JWT_SECRET_FILE)) {
      var error = assertThrows(ConfigException.class, () -> plan(key, secret));
      assertTrue(String.valueOf(error.getMessage()).contains("chmod 600"), error.getMessage());
    }
    for (String permissions : List.of("rw-r-----", "rw--w----", "rw----r--", "rw-----w-")) {
      var open = secret(STRONG, permissions);
      var error = assertThrows(ConfigException.class, () -> plan(TurnKeys.SECRET_FILE, open));
      assertTrue(String.valueOf(error.getMessage()).contains("chmod 600"), permissions);
    }
  }

  @Test
  void aWeakSecretIsRefusedWithTheRemedyAndNotShown() throws IOException {
    var secret = secret(STRONG + "\nnorth\n", "rw-------");
    assertRefused(
        "--secret-file: "
            + secret
            + " holds a secret that can be guessed; make a better one: openssl rand -base64 32"
            + " (or accept the danger by unsafe: weak-secrets)",
        TurnKeys.SECRET_FILE,
        secret);
  }

  @Test
  void theKeyOfACertificateThatAnybodyCanReadIsRefused() throws IOException {
    var error =
        assertThrows(
            ConfigException.class,
            () ->
                plan(
                    TurnKeys.TLS_CERTIFICATES,
                    file("chain.pem"),
                    TurnKeys.TLS_KEYS,
                    secret("", "rw-r--r--")));
    assertTrue(String.valueOf(error.getMessage()).startsWith("--tls.key: "), error.getMessage());
  }

  @Test
  void whoServesThisMachineAloneIsOnlyWarned() throws IOException {
    var secret = secret("benchsecret", "rw-r--r--");
    var local =
        plan(TurnKeys.SECRET_FILE, secret, TurnKeys.LISTEN, "udp://127.0.0.1:3478 tcp://[::1]:80");
    assertEquals(2, local.warnings().size(), local.warnings().toString());
    assertFalse(local.warnings().toString().contains("benchsecret"));
    for (Object[] reached :
        new Object[][] {
          {TurnKeys.LISTEN, "udp://127.0.0.1:3478 udp://0.0.0.0:80"},
          {TurnKeys.LISTEN, "udp://127.0.0.1:1", HairpinKeys.API_LISTEN, "http://0.0.0.0:8080"}
        }) {
      var all = new ArrayList<Object>(List.of(TurnKeys.SECRET_FILE, secret));
      all.addAll(List.of(reached));
      assertThrows(ConfigException.class, () -> plan(all.toArray()));
    }
  }

  @Test
  void whatTheOperatorAcceptsByNameIsOnlyWarnedOf() throws IOException {
    var secret = secret("hunter2", "rw-r--r--");
    var plan =
        plan(
            TurnKeys.SECRET_FILE,
            secret,
            HairpinKeys.API_LISTEN,
            "http://0.0.0.0:8080",
            HairpinKeys.UNSAFE,
            "weak-secrets open-secret-files");
    assertEquals(3, plan.warnings().size(), plan.warnings().toString());
    assertTrue(plan.warnings().get(0).endsWith("chmod 600 " + secret), plan.warnings().get(0));
    assertTrue(plan.warnings().get(1).contains("can be guessed"));
    assertTrue(plan.warnings().get(2).startsWith("http://0.0.0.0:8080 is plain HTTP"));
    assertFalse(plan.warnings().toString().contains("hunter2"));
    assertFalse(plan.toString().contains("hunter2"));
    for (String half : List.of("weak-secrets", "open-secret-files")) {
      assertThrows(
          ConfigException.class,
          () -> plan(TurnKeys.SECRET_FILE, secret, HairpinKeys.UNSAFE, half));
    }
  }

  private Path secret(String text, String permissions) throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), text);
    return Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void openedMetadataAndLoopbackAreWarnedOf() {
    var plan =
        plan(
            TurnKeys.PEERS_UNSAFE_ALLOW_METADATA, "169.254.169.254",
            TurnKeys.PEERS_ALLOW, "127.0.0.0/8");
    assertEquals(
        List.of(
            "clients may reach 169.254.169.254, which gives out the keys of a cloud",
            "clients may reach 127.0.0.0/8, the services of this machine itself"),
        plan.warnings());
  }

  private Path file(String name) throws IOException {
    var file = Files.writeString(folder.resolve(name), "");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
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
    return plan.apiSettings(API, callers, listeners, null);
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
