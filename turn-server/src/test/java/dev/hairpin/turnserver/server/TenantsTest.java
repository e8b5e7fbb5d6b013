package dev.hairpin.turnserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.credential.Tenant;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.policy.QuotaSettings;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestCertificate;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.testkit.TlsProfile;
import dev.hairpin.turnserver.testkit.TurnCredential;
import dev.hairpin.turnserver.transport.StreamSettings;
import dev.hairpin.turnserver.transport.StreamSettings.CertificateFiles;
import dev.hairpin.turnserver.udp.UdpMode;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two tenants and the server's own users on the same listeners, seen from outside. All have an
/// alice.
class TenantsTest extends MobilityScene {
  private static final QuotaSettings MANY = new QuotaSettings(0, 0, 0, 0, 0);
  private final long expiry = Instant.now().getEpochSecond() + 3_000;

  private TurnSettings settings() {
    var service = Services.with(Set.of(Feature.MOBILITY, Feature.TCP_RELAY));
    return settings(UdpMode.AUTO, 2)
        .but(
            d -> {
              d.service = service;
              d.quotas = MANY;
            });
  }

  private TurnServer start(TenantSettings... tenants) {
    return TurnServer.start(settings().but(d -> d.tenants = List.of(tenants)), clock);
  }

  private TenantSettings tenant(String name, QuotaSettings quotas, String... revoked) {
    var secrets = SharedSecrets.of("secret of " + name);
    var tenant = new Tenant(name, name + " realm", name + ".example", secrets, List.of(revoked));
    return new TenantSettings(tenant, settings().policy(), quotas);
  }

  /// One whose users may not reach the peer.
  private TenantSettings denying(String name) {
    var open = tenant(name, MANY);
    var none = open.policy().withPeers(List.of(), List.of(IpPrefix.parse("127.0.0.1")));
    return new TenantSettings(open.tenant(), none, MANY);
  }

  private TestTurnClient alice(TurnServer server, By by, String tenant) {
    return client(server, by).with(alice(tenant, "secret of " + tenant));
  }

  private TurnCredential alice(String tenant, String secret) {
    return TurnCredential.ofSecret(secret, expiry + ":~tenant=" + tenant + "~alice");
  }

  private static int codeOf(Message answer) {
    return answer.isSuccess() ? 200 : answer.errorCode();
  }

  private static int asked(TestTurnClient client) {
    return codeOf(client.call(Methods.ALLOCATE, MessageBuilder::requestedTransport));
  }

  private int permitted(TestTurnClient client) {
    return codeOf(client.call(Methods.CREATE_PERMISSION, m -> m.peer(peer.address())));
  }

  @Test
  void eachTenantsSecretsAreGoodForItsOwnUsersAlone() {
    try (var server = start(tenant("acme", MANY), tenant("beta", MANY))) {
      for (By by : By.values()) {
        for (String tenant : List.of("acme", "beta")) {
          var client = alice(server, by, tenant);
          client.allocate();
          client.bind(CHANNEL, peer.address());
          client.sendOnChannel(CHANNEL, HELLO);
          assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), client.receive());
        }
      }
      for (String wrong : List.of("secret of beta", SECRET)) {
        assertEquals(401, asked(client(server, By.UDP).with(alice("acme", wrong))));
      }
      assertEquals(401, asked(alice(server, By.UDP, "gamma")));
      assertEquals(200, asked(client(server, By.UDP)), "the server's own alice");
    }
  }

  @Test
  void whereOneTenantIsFullTheOtherAllocates() {
    var two = new QuotaSettings(0, 0, 2, 0, 0);
    var one = new QuotaSettings(1, 0, 0, 0, 0);
    try (var server = start(tenant("acme", two), tenant("beta", one))) {
      var first = alice(server, By.UDP, "acme");
      assertEquals(200, asked(first));
      assertEquals(200, asked(alice(server, By.TCP, "acme")));
      assertEquals(486, asked(alice(server, By.UDP, "acme")));
      assertEquals(200, asked(alice(server, By.UDP, "beta")));
      assertEquals(486, asked(alice(server, By.UDP, "beta")));
      assertEquals(200, asked(client(server, By.UDP)));
      first.refresh(0);
      assertEquals(200, asked(alice(server, By.UDP, "acme")));
    }
  }

  @Test
  void peersAreDeniedToTheTenantThatMayNotReachThem() {
    try (var server = start(denying("acme"), tenant("beta", MANY))) {
      var inAcme = alice(server, By.UDP, "acme");
      var inBeta = alice(server, By.UDP, "beta");
      inAcme.allocate();
      inBeta.allocate();
      assertEquals(403, permitted(inAcme));
      var bind = inAcme.call(Methods.CHANNEL_BIND, m -> m.channel(CHANNEL).peer(peer.address()));
      assertEquals(403, codeOf(bind));
      assertEquals(200, permitted(inBeta));
      var tcp = alice(server, By.TCP, "acme");
      tcp.allocateTcp();
      assertEquals(403, codeOf(tcp.call(Methods.CONNECT, m -> m.peer(peer.address()))));
    }
  }

  @Test
  void otherRulesAreInForceAtOnceForWhatIsThere() {
    try (var server = start(tenant("acme", MANY), tenant("beta", MANY))) {
      var clients = new ArrayList<TestTurnClient>();
      for (String tenant : List.of("acme", "beta")) {
        var client = alice(server, By.UDP, tenant);
        client.allocate();
        client.bind(CHANNEL, peer.address());
        clients.add(client);
      }
      server.apply(List.of(denying("acme"), tenant("beta", MANY)));
      for (var client : clients) {
        client.sendOnChannel(CHANNEL, HELLO);
        client.binding();
      }
      assertEquals(new Delivery.OnChannel(CHANNEL, HELLO), clients.getLast().receive());
      assertEquals(List.of(), clients.getFirst().deliveries());
      assertEquals(403, permitted(clients.getFirst()));
      server.apply(List.of(tenant("acme", MANY)));
      assertEquals(200, permitted(clients.getFirst()));
      awaitLive(server, 1);
      assertEquals(401, codeOf(clients.getLast().call(Methods.REFRESH, m -> m.lifetime(600))));
      assertEquals(401, asked(alice(server, By.UDP, "beta")), "it is gone");
    }
  }

  @Test
  void whatOneTenantRevokesLeavesTheOther() {
    try (var server = start(tenant("acme", MANY), tenant("beta", MANY))) {
      var inAcme = alice(server, By.UDP, "acme");
      var inBeta = alice(server, By.UDP, "beta");
      var ofServer = client(server, By.UDP);
      for (var client : List.of(inAcme, inBeta, ofServer)) {
        client.allocate();
      }
      server.apply(List.of(tenant("acme", MANY, "*:alice"), tenant("beta", MANY)));
      server.disconnectRevoked();
      assertEquals(2, server.telemetry().liveAllocations());
      server.revoke("", "*:alice");
      server.disconnectRevoked();
      assertEquals(1, server.telemetry().liveAllocations());
      assertEquals(600, inBeta.refresh(600));
      server.apply(List.of(tenant("acme", MANY), tenant("beta", MANY)));
      assertEquals(200, asked(inAcme));
      server.revoke("beta", "*:alice");
      server.disconnectRevoked();
      assertEquals(401, asked(inBeta));
      assertEquals(600, inAcme.refresh(600));
    }
  }

  /// One client, which is alice of both.
  @Test
  void noTenantsUserActsForOneOfAnother() throws Exception {
    try (var server = start(tenant("acme", MANY), tenant("beta", MANY));
        var listener = new ServerSocket(0, 1, LOOPBACK)) {
      var client = alice(server, By.UDP, "acme");
      var ticket = mobile(client);
      client.with(alice("beta", "secret of beta"));
      assertEquals(441, codeOf(client.call(Methods.REFRESH, m -> m.lifetime(0))));
      assertEquals(441, permitted(client));
      assertEquals(441, shown(alice(server, By.UDP, "beta"), ticket));
      assertEquals(200, shown(alice(server, By.UDP, "acme"), ticket));

      var reserving = alice(server, By.UDP, "acme");
      var token =
          reserving
              .call(
                  Methods.ALLOCATE,
                  m -> m.requestedTransport().attribute(Attributes.EVEN_PORT, Bytes.octets(0x80)))
              .require(Attributes.RESERVATION_TOKEN);
      for (String tenant : List.of("beta", "acme")) {
        var redeeming =
            alice(server, By.UDP, tenant)
                .call(
                    Methods.ALLOCATE,
                    m -> m.requestedTransport().attribute(Attributes.RESERVATION_TOKEN, token));
        assertEquals(tenant.equals("acme") ? 200 : 508, codeOf(redeeming));
      }

      var tcp = alice(server, By.TCP, "acme");
      tcp.allocateTcp();
      long id = tcp.connect(new InetSocketAddress(LOOPBACK, listener.getLocalPort()));
      var other = alice(server, By.TCP, "beta");
      assertEquals(441, codeOf(other.call(Methods.CONNECTION_BIND, m -> m.connectionId(id))));
      tcp.bindConnection(id).close();
    }
  }

  @Test
  void aClientIsChallengedWithTheRealmOfTheHostThatItNames(@TempDir Path folder) {
    var certificate = TestCertificate.ec(folder, "acme.example");
    try (var server = withHost(certificate)) {
      for (String name : List.of("acme.example", "turn.example")) {
        try (var client = naming(name, server, certificate)) {
          client.allocate();
          assertEquals(
              name.equals("acme.example") ? "acme realm" : "hairpin", client.challenge().realm());
          assertEquals(600, client.refresh(600));
        }
      }
    }
  }

  @Test
  void soItIsWhereItHasMovedToAnotherLoop(@TempDir Path folder) {
    var certificate = TestCertificate.ec(folder, "acme.example");
    try (var server = withHost(certificate)) {
      var ticket = mobile(naming("acme.example", server, certificate));
      var after =
          moveAcross(server, ticket, () -> naming("acme.example", server, certificate)).client();
      var challenge = after.exchange(MessageBuilder.request(Methods.REFRESH).build());
      assertEquals("acme realm", challenge.require(Attributes.REALM).asUtf8());
    }
  }

  private TurnServer withHost(TestCertificate certificate) {
    var files = List.of(new CertificateFiles(certificate.file(), certificate.key()));
    return TurnServer.start(
        settings()
            .but(
                d -> {
                  d.tenants = List.of(tenant("acme", MANY));
                  d.streams = StreamSettings.DEFAULT.withCertificates(files);
                }),
        clock);
  }

  private TestTurnClient naming(String host, TurnServer server, TestCertificate certificate) {
    var address = server.listenAddresses().get(By.TLS.listener).toInetSocketAddress();
    var profile = TlsProfile.trusting(certificate).withServerName(host);
    return TestTurnClient.over(StreamWire.to(address).secured(profile))
        .with(alice("acme", "secret of acme"));
  }
}
