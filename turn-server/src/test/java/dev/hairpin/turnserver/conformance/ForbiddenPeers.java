package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.relay.ExternalAddress;
import dev.hairpin.turnserver.relay.RelaySettings;
import dev.hairpin.turnserver.server.Services;
import dev.hairpin.turnserver.server.TurnServer;
import dev.hairpin.turnserver.server.TurnSettings;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Canary;
import dev.hairpin.turnserver.testkit.Delivery;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.testkit.StreamWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.udp.UdpMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The program that `ForbiddenPeersTest` runs: every address leads to the canaries here.
final class ForbiddenPeers implements AutoCloseable {
  /// Of the canaries; it is in the range of relayed ports.
  private static final int PORT = 50_007;

  private static final int HTTP_PORT = 50_008;
  private static final int LISTENER_PORT = 3_478;
  private static final int FIRST_CHANNEL = 0x4000;
  private static final String OWN = "11.0.0.1";
  private static final String EXTERNAL = "12.0.0.1";
  private static final Bytes PAYLOAD = Bytes.utf8("hello?");
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /// Denied by default, and opened by a range.
  private static final List<String> PRIVATE =
      List.of(
          "10.0.0.1",
          "10.255.255.254",
          "100.64.0.1",
          "169.254.0.1",
          "172.16.0.1",
          "192.0.0.1",
          "192.0.2.1",
          "192.88.99.1",
          "192.168.0.1",
          "198.18.0.1",
          "198.51.100.1",
          "203.0.113.1",
          "100::1",
          "2001:2::1",
          "2001:db8::1",
          "3fff::1",
          "5f00::1",
          "fc00::1",
          "fd12::1",
          "fec0::1");

  /// Opened by nothing that is set here.
  private static final List<String> NEVER =
      List.of(
          "0.0.0.0",
          "0.0.0.1",
          "0.255.255.255",
          "127.0.0.1",
          "127.0.0.8",
          "127.255.255.254",
          "127.255.255.255",
          "11.0.1.255", // a broadcast
          "11.0.1.1",
          OWN,
          EXTERNAL,
          "10.1.2.3", // a back end
          "100.100.100.200",
          "168.63.129.16",
          "169.254.169.254",
          "169.254.170.2",
          "192.0.0.192",
          "240.0.0.1",
          "::",
          "::1",
          "::127.0.0.1",
          "::10.0.0.1",
          "::ffff:0:7f00:1",
          "::ffff:0:a00:1",
          "64:ff9b::7f00:1",
          "64:ff9b::a9fe:a9fe",
          "64:ff9b::a00:1",
          "64:ff9b:1::a9fe:a9fe",
          "2001:0:4136:e378::1",
          "2001::f5ff:fffe",
          "2002:7f00:1::1",
          "2002:a00:1::1",
          "2002:a9fe:a9fe::1",
          "2a00:1::5efe:a00:1",
          "2a00:1::200:5efe:7f00:1",
          "2a00:64::7f00:1", // by the operator's NAT64
          "2a00:64::a9fe:a9fe",
          "2a00:64::a01:203",
          "2600::1", // its own
          "fd00::bac", // a back end
          "fd00:ec2::254",
          "fd20:ce::254");

  /// Not to be heard without being asked for, whoever sends.
  private static final List<String> GROUPS =
      List.of("224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::1");

  private final Canary udp = Canary.at(new InetSocketAddress("::", PORT));
  private final Canary http = Canary.at(new InetSocketAddress("::", HTTP_PORT));
  private final ServerSocketChannel tcp = listen(PORT);
  private final ServerSocketChannel httpTcp = listen(HTTP_PORT);
  private final TurnServer server;
  private final TestTurnClient client;
  private final InetSocketAddress relayed;
  private final TestTurnClient connector;
  private final TestTurnClient connector6;

  private ForbiddenPeers(UdpMode mode) throws IOException {
    server = TurnServer.start(settings(mode));
    client = client("alice");
    relayed = client.allocateDual().relayedIpv4();
    connector = connector("bob", 1);
    connector6 = connector("carol", 2);
  }

  public static void main(String[] arguments) throws IOException {
    for (var mode : List.of(UdpMode.NATIVE, UdpMode.PORTABLE)) {
      try (var peers = new ForbiddenPeers(mode)) {
        peers.run();
      }
      System.out.println("# " + mode + ": all is well");
    }
  }

  private void run() throws IOException {
    theCanariesSing();
    var allowed = assertHeard("8.8.8.8", FIRST_CHANNEL);
    allowed.configureBlocking(false);
    var closed = Stream.of(PRIVATE, NEVER, GROUPS).flatMap(List::stream).toList();
    closed.forEach(this::assertForbidden);
    assertNothingIsHeard();

    server.apply(policy("0.0.0.0/0", "::/0"));
    var opened = new ArrayList<SocketChannel>();
    for (int i = 0; i < PRIVATE.size(); i++) {
      opened.add(assertHeard(PRIVATE.get(i), channelOf(PRIVATE.get(i))));
    }
    opened.add(assertHeard("2a00:64::808:808", FIRST_CHANNEL + 60));
    Stream.of(NEVER, GROUPS).flatMap(List::stream).forEach(this::assertForbidden);
    assertNothingIsHeard();
    theHairpinLeadsToClientsAlone();

    server.apply(policy());
    for (int i = 0; i < PRIVATE.size(); i++) {
      client.send(address(PRIVATE.get(i)), PAYLOAD);
      client.sendOnChannel(channelOf(PRIVATE.get(i)), PAYLOAD);
      assertCutOff(opened.get(i));
    }
    closed.forEach(this::assertForbidden);
    assertNothingIsHeard();
    require(allowed.read(ByteBuffer.allocate(1)) == 0, "cut off, though allowed: ", allowed);
    client.send(address("8.8.8.8"), PAYLOAD);
    require(udp.next().equals(PAYLOAD), "not heard, though allowed: ", udp);
    client.sendOnChannel(FIRST_CHANNEL, PAYLOAD);
    require(udp.next().equals(PAYLOAD), "not heard on its channel, though allowed: ", udp);

    // whatever ranges are allowed, down to the addresses themselves
    var single = Stream.of(NEVER, GROUPS).flatMap(List::stream).filter(ip -> !isOwn(ip));
    server.apply(policy(single.map(ip -> IpAddress.parse(ip).toString()).toArray(String[]::new)));
    Stream.of(NEVER, GROUPS).flatMap(List::stream).forEach(this::assertForbidden);
    server.apply(policy("0.0.0.0/0", "127.0.0.0/8", OWN, EXTERNAL, "11.0.1.1"));
    assertHeard("127.0.0.8", FIRST_CHANNEL + 61);
    for (String own : List.of(OWN, EXTERNAL, "11.0.1.1", "127.0.0.1")) {
      assertForbidden(bytes(own), HTTP_PORT); // it listens on all addresses
    }
    assertForbidden(bytes(OWN), LISTENER_PORT);
    assertForbidden(bytes(EXTERNAL), LISTENER_PORT);
    assertNothingIsHeard();

    server.apply(policy(List.of(new PortRange(PORT, PORT))));
    client.permit(address("8.8.8.8")); // for all ports of the address
    client.send(address("8.8.8.8"), PAYLOAD);
    client.sendOnChannel(FIRST_CHANNEL, PAYLOAD);
    assertNothingIsHeard();
  }

  private static void require(boolean holds, String complaint, Object exhibit) {
    if (!holds) {
      throw new AssertionError(complaint + exhibit);
    }
  }

  private static boolean isOwn(String ip) {
    return List.of(
            "127.0.0.1",
            "127.0.0.8",
            "127.255.255.254",
            "11.0.1.1",
            OWN,
            EXTERNAL,
            "::1",
            "2600::1")
        .contains(ip);
  }

  /// Without a server between, every address but those of groups leads to them.
  private void theCanariesSing() throws IOException {
    for (String ip : Stream.concat(PRIVATE.stream(), NEVER.stream()).toList()) {
      try (var sender = new DatagramSocket()) {
        var payload = Bytes.utf8(ip);
        sender.send(new DatagramPacket(payload.toArray(), payload.length(), address(ip)));
        require(udp.received().equals(List.of(payload)), "no canary at ", ip);
      }
      if (!ip.endsWith(".255")) { // there is no TCP to a broadcast
        try (var _ = SocketChannel.open(address(ip));
            var accepted = accept()) {
          require(accepted != null, "no TCP canary at ", ip);
        }
      }
    }
  }

  private void assertForbidden(String ip) {
    for (var spelling : List.of(bytes(ip), mapped(bytes(ip)))) {
      assertForbidden(spelling, PORT, channelOf(ip));
    }
  }

  /// An address that has had a channel keeps to it.
  private static int channelOf(String ip) {
    return FIRST_CHANNEL + 1 + PRIVATE.indexOf(ip) + (PRIVATE.contains(ip) ? 0 : 63);
  }

  private void assertForbidden(Bytes ip, int port) {
    assertForbidden(ip, port, FIRST_CHANNEL + 63);
  }

  private void assertForbidden(Bytes ip, int port, int channel) {
    assertRefused(ip, client.call(Methods.CREATE_PERMISSION, m -> m.peer(ip, port)));
    assertRefused(
        ip,
        client.call(Methods.CREATE_PERMISSION, m -> m.peer(bytes("8.8.8.8"), 9).peer(ip, port)));
    assertRefused(ip, client.call(Methods.CHANNEL_BIND, m -> m.channel(channel).peer(ip, port)));
    client.sendRaw(MessageBuilder.indication(Methods.SEND).peer(ip, port).data(PAYLOAD).build());
    client.sendOnChannel(channel, PAYLOAD);
    for (var stream : List.of(connector, connector6)) {
      assertRefused(ip, stream.call(Methods.CONNECT, m -> m.peer(ip, port)));
      assertRefused(ip, stream.call(Methods.CREATE_PERMISSION, m -> m.peer(ip, port)));
    }
  }

  private static void assertRefused(Bytes ip, Message answer) {
    require(answer.isError(403), "not forbidden: ", ip + " " + answer);
  }

  private void assertNothingIsHeard() throws IOException {
    client.binding(); // by then all that was sent has been handled
    require(udp.received().isEmpty() && http.received().isEmpty(), "a canary sang: ", udp);
    require(accept() == null && httpTcp.accept() == null, "a TCP canary sang: ", tcp);
  }

  /// By every way that leads to a peer; returns the peer's end of a TCP connection.
  private SocketChannel assertHeard(String ip, int channel) throws IOException {
    var peer = address(ip);
    client.permit(peer);
    client.send(peer, PAYLOAD);
    require(udp.next().equals(PAYLOAD), "not heard: ", ip);
    client.bind(channel, peer);
    client.sendOnChannel(channel, PAYLOAD);
    require(udp.next().equals(PAYLOAD), "not heard on a channel: ", ip);
    (ip.indexOf(':') < 0 ? connector : connector6).connect(peer);
    var accepted = accept();
    if (accepted == null) {
      throw new AssertionError("no connection with " + ip);
    }
    return accepted;
  }

  private static void assertCutOff(SocketChannel peer) throws IOException {
    peer.configureBlocking(false);
    var buffer = ByteBuffer.allocate(1);
    Await.until(PATIENCE, () -> isOver(peer, buffer), () -> peer + " is over");
    peer.close();
  }

  private static boolean isOver(SocketChannel peer, ByteBuffer buffer) {
    try {
      return peer.read(buffer) < 0;
    } catch (IOException _) {
      return true; // reset
    }
  }

  private void theHairpinLeadsToClientsAlone() {
    try (var other = client("dave")) {
      var toOther = other.allocate().relayed();
      require(toOther.getAddress().getHostAddress().equals(EXTERNAL), "elsewhere: ", toOther);
      other.permit(relayed);
      client.permit(toOther);
      client.send(toOther, PAYLOAD);
      var delivery = other.receive();
      require(delivery.equals(new Delivery.Indication(relayed, PAYLOAD)), "not ", delivery);
      for (String spelling : List.of(EXTERNAL, OWN)) {
        client.send(new InetSocketAddress(spelling, PORT), PAYLOAD);
        client.send(new InetSocketAddress(spelling, HTTP_PORT), PAYLOAD);
        client.send(new InetSocketAddress(spelling, LISTENER_PORT), PAYLOAD);
        assertForbidden(bytes(spelling), PORT);
        assertForbidden(mapped(bytes(spelling)), PORT);
      }
    }
  }

  private static TurnSettings settings(UdpMode mode) {
    var listener = ListenUrl.parse("udp://" + OWN + ":" + LISTENER_PORT);
    var relay =
        new RelaySettings(
            List.of(IpAddress.parse(OWN), IpAddress.parse("2600::1")),
            List.of(ExternalAddress.parse(EXTERNAL + "/" + OWN)),
            PortRange.DYNAMIC);
    return TurnSettings.of(SharedSecrets.of(Venue.SECRET), listener)
        .but(d -> d.udp = mode)
        .but(d -> d.loops = 2)
        .but(
            d -> {
              d.listeners =
                  List.of(listener, ListenUrl.parse("tcp://" + OWN + ":" + LISTENER_PORT));
              d.relay = relay;
              d.policy = policy();
              d.service = Services.with(Set.of(Feature.TCP_RELAY));
              d.ownAddresses = List.of(new TransportAddress(IpAddress.parse("0.0.0.0"), HTTP_PORT));
            });
  }

  private static PolicySettings policy(String... allowed) {
    return policy(PolicySettings.DEFAULT.deniedPorts(), allowed);
  }

  private static PolicySettings policy(List<PortRange> deniedPorts, String... allowed) {
    return new PolicySettings(
        Stream.of(allowed).map(IpPrefix::parse).toList(),
        List.of(IpPrefix.parse("10.1.2.3"), IpPrefix.parse("fd00::bac")),
        List.of(),
        List.of(IpPrefix.parse("2a00:64::/96")),
        deniedPorts,
        new PolicySettings.PeerRate(0, 1));
  }

  private static TestTurnClient client(String user) {
    return TestTurnClient.to(new InetSocketAddress(OWN, LISTENER_PORT))
        .withSecret(Venue.SECRET)
        .as(user);
  }

  private static TestTurnClient connector(String user, int family) {
    var wire = StreamWire.to(new InetSocketAddress(OWN, LISTENER_PORT));
    var connector = TestTurnClient.over(wire).withSecret(Venue.SECRET).as(user);
    var answer = connector.call(Methods.ALLOCATE, m -> m.requestedTcp().requestedFamily(family));
    require(answer.has(Attributes.XOR_RELAYED_ADDRESS), "no TCP allocation: ", answer);
    return connector;
  }

  private static ServerSocketChannel listen(int port) {
    try {
      var listener = ServerSocketChannel.open().bind(new InetSocketAddress("::", port));
      listener.configureBlocking(false);
      return listener;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private @Nullable SocketChannel accept() throws IOException {
    return tcp.accept();
  }

  private static InetSocketAddress address(String ip) {
    return new InetSocketAddress(InetAddress.ofLiteral(ip), PORT);
  }

  private static Bytes bytes(String literal) {
    return Bytes.of(InetAddress.ofLiteral(literal).getAddress());
  }

  /// An IPv4 address as IPv6 writes it; an IPv6 address as it is.
  private static Bytes mapped(Bytes ip) {
    return ip.length() == 4 ? Bytes.hex("00000000000000000000ffff").plus(ip) : ip;
  }

  @Override
  public void close() throws IOException {
    connector6.close();
    connector.close();
    client.close();
    server.close();
    httpTcp.close();
    tcp.close();
    http.close();
    udp.close();
  }
}
