package dev.hairpin.turnserver.model;

import dev.hairpin.turnserver.model.Expected.Drop;
import dev.hairpin.turnserver.model.Expected.Reply;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.testkit.Attributes;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.Message;
import dev.hairpin.turnserver.testkit.MessageBuilder;
import dev.hairpin.turnserver.testkit.MessageClass;
import dev.hairpin.turnserver.testkit.Methods;
import dev.hairpin.turnserver.udp.UdpHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Plays steps on a server and on the model, and compares after each.
final class Play implements AutoCloseable {
  private static final int ICMP_UNREACHABLE = 3;

  private final World world;
  private final Reference model;
  private final Clients clients;
  private final Tally tally;
  private final Map<Peer.Relayed, InetSocketAddress> known = new HashMap<>();
  private int serial;
  private boolean unswept;

  Play(World.Setup setup, RandomGenerator random) {
    this.world = new World(setup);
    this.model = new Reference(setup, world.clock.seconds());
    this.clients = new Clients(random);
    this.tally = new Tally(world, model);
  }

  void play(Step step) {
    boolean wasUnswept = unswept;
    if (unswept && !isRobust(step)) {
      sweep();
    }
    switch (step) {
      case Step.Request request -> request(request);
      case Step.Retransmit(var client) -> {
        var ask = clients.lastOf(client);
        if (ask != null) {
          ask(ask);
        }
      }
      case Step.Send send -> send(send);
      case Step.OnChannel data -> onChannel(data);
      case Step.FromPeer data -> fromPeer(data);
      case Step.Icmp icmp -> icmp(icmp);
      case Step.Junk(var client, var trash) -> {
        var expected = trash.drop.isEmpty() ? new Expected.Nothing() : new Drop(trash.drop);
        fromClient(client, Bytes.hex(trash.hex), expected);
      }
      case Step.Advance(var seconds, var sweeps) -> advance(seconds, sweeps);
      case Step.RefuseSockets(var count) -> refuseSockets(count);
      case Step.RefuseSends(var count) -> world.udp.sendsRefused = count;
      case Step.TakePort(var offset, var ipv6) -> takePort(offset, ipv6);
    }
    if (wasUnswept && unswept) {
      sweep();
    }
    tally.check();
    Invariants.check(world, model);
  }

  /// Whether the model can tell what a step does while what has run out may not be closed yet.
  private static boolean isRobust(Step step) {
    return switch (step) {
      case Step.Allocate _, Step.Refresh _, Step.Binding _, Step.Retransmit _, Step.Junk _ -> true;
      case Step.Permit(_, var peers) -> peers.stream().noneMatch(p -> p instanceof Peer.Relayed);
      case Step.Bind(_, _, var peer) -> !(peer instanceof Peer.Relayed);
      case Step.Send(_, var peer, _, _, _) -> !(peer instanceof Peer.Relayed);
      case Step.FromPeer(var peer, _, _) -> !(peer instanceof Peer.Relayed);
      default -> false;
    };
  }

  private void advance(long seconds, boolean sweeps) {
    world.clock.advance(seconds);
    model.now += seconds;
    unswept = true;
    if (sweeps) {
      sweep();
    }
  }

  private void sweep() {
    world.sweep();
    model.sweep();
    unswept = false;
  }

  private void refuseSockets(int count) {
    world.udp.socketsRefused = count;
    model.ports.refused = count;
  }

  private void takePort(int offset, boolean ipv6) {
    var local = ipv6 ? World.RELAY_IPV6 : World.RELAY_IPV4;
    int port = world.setup.firstPort() + offset;
    if (world.takeForOthers(new TransportAddress(local, port))) {
      model.ports.foreign.add(new InetSocketAddress(model.ports.ip(ipv6 ? 6 : 4), port));
    }
  }

  private InetSocketAddress resolve(Peer peer) {
    return switch (peer) {
      case Peer.Site site -> site.address;
      case Peer.Relayed relayed -> relayed(relayed);
    };
  }

  /// The relayed address that a client has, had last, or one that is dead.
  private InetSocketAddress relayed(Peer.Relayed of) {
    var h = model.at(of.client());
    var has = h == null ? null : h.relayed.get(of.ipv6() ? 6 : 4);
    if (has != null) {
      known.put(of, has);
      return has;
    }
    int port = world.setup.firstPort() + of.client();
    return known.getOrDefault(of, new InetSocketAddress(model.ports.ip(of.ipv6() ? 6 : 4), port));
  }

  private void request(Step.Request step) {
    if (clients.needsNonce(step, model.now)) {
      request(clients.stranger(step.by().client()));
    }
    List<Peer> peers =
        switch (step) {
          case Step.Permit permit -> permit.peers();
          case Step.Bind bind -> List.of(bind.peer());
          case Step.Connect connect -> List.of(connect.peer());
          default -> List.of();
        };
    var addresses = peers.stream().map(this::resolve).toList();
    var bytes = new ArrayList<Bytes>();
    for (int i = 0; i < peers.size(); i++) {
      bytes.add(bytes(peers.get(i), addresses.get(i)));
    }
    ask(clients.ask(step, addresses, bytes, model.now));
  }

  private static Bytes bytes(Peer peer, InetSocketAddress address) {
    return peer instanceof Peer.Site site
        ? site.bytes()
        : Bytes.of(address.getAddress().getAddress());
  }

  private void ask(Ask ask) {
    var expected = model.answer(ask);
    if (!(expected instanceof Reply reply)) {
      fromClient(ask.client(), ask.bytes(), expected);
      return;
    }
    var sent = inject(ask.client(), ask.bytes());
    Reference.check(sent.size() == 1, "an answer was to come, but there came", sent.size());
    var answer = sent.getFirst();
    Reference.check(isToClient(answer, ask.client()), "an answer to", answer.to());
    var message = Message.decode(Bytes.of(answer.bytes()));
    Reference.check(
        message.transaction().equals(ask.transaction()), "another transaction:", message);
    int code = message.isSuccess() ? 0 : message.errorCode();
    Reference.check(
        reply.codes().contains(code), "instead of one of " + reply.codes() + " there came", code);
    boolean signed = message.isIntegrityValid(ask.user().key);
    Reference.check(signed == reply.signed(), "signed, instead of " + reply.signed() + ":", signed);
    tally.answered(code);
    tally.lost(answer.lost() ? 1 : 0);
    if (code == 0) {
      reply.onSuccess().accept(message);
    }
    if (!answer.lost()) {
      clients.learn(ask.client(), message, model.now);
    }
    model.ports.refused = world.udp.socketsRefused;
  }

  private static boolean isToClient(FakeUdp.Sent sent, int client) {
    var to = TransportAddress.of(Clients.address(client));
    var from = to.ip().isIpv4() ? World.LISTENER_IPV4 : World.LISTENER_IPV6;
    return sent.to().equals(to) && sent.from().equals(from);
  }

  private List<FakeUdp.Sent> inject(int client, Bytes bytes) {
    tally.fromClient(bytes.length());
    var source = TransportAddress.of(Clients.address(client));
    world.fromClient(model.loopOf(client), source, bytes.toArray());
    return world.udp.takeSent();
  }

  private Bytes payload(int length) {
    var number = Bytes.uint32(++serial);
    return length < 4 ? number.slice(4 - length, 4) : number.plus(Bytes.of(new byte[length - 4]));
  }

  private void send(Step.Send step) {
    var peer = resolve(step.peer());
    var payload = payload(step.length());
    var message = MessageBuilder.of(MessageClass.INDICATION, Methods.SEND, transaction());
    message.peer(bytes(step.peer(), peer), peer.getPort());
    if (step.dontFragment()) {
      message.flag(Attributes.DONT_FRAGMENT);
    }
    var whole = step.broken() ? message.build() : message.data(payload).build();
    fromClient(step.client(), whole, model.send(step, peer), payload);
  }

  private Bytes transaction() {
    return Bytes.uint32(serial).plus(Bytes.uint32(serial)).plus(Bytes.uint32(serial));
  }

  private void onChannel(Step.OnChannel step) {
    var payload = payload(step.length());
    int length = step.length() + (step.broken() ? 1 : 0);
    var message = Bytes.uint16(step.channel()).plus(Bytes.uint16(length)).plus(payload);
    fromClient(step.client(), message, model.onChannel(step), payload);
  }

  private void fromClient(int client, Bytes bytes, Expected expected) {
    fromClient(client, bytes, expected, Bytes.EMPTY);
  }

  private void fromClient(int client, Bytes bytes, Expected expected, Bytes payload) {
    compare(inject(client, bytes), expected, payload);
  }

  /// One in, one out at most; what goes to a relayed address of this server is there at once.
  private void compare(List<FakeUdp.Sent> sent, Expected expected, Bytes payload) {
    if (expected instanceof Expected.ToPeer(var relayed, var peer)
        && model.ofRelayed(peer) != null) {
      tally.toPeer(payload.length());
      compare(sent, model.fromPeer(relayed, peer), payload);
      return;
    }
    boolean goesOut = !(expected instanceof Drop || expected instanceof Expected.Nothing);
    Reference.check(
        sent.size() == (goesOut ? 1 : 0), expected + " was to come, but there came", sent);
    switch (expected) {
      case Expected.Nothing _ -> {}
      case Drop(var reason) -> tally.dropped(reason);
      case Expected.ToPeer(var relayed, var peer) ->
          toPeer(sent.getFirst(), relayed, peer, payload);
      case Expected.ToClient(var client, var peer, var channel) ->
          toClient(sent.getFirst(), client, peer, channel, payload);
      case Expected.IcmpToClient(var client, var peer) -> {
        var message = dataTo(sent.getFirst(), client, peer);
        Reference.check(message.has(Attributes.ICMP), "no ICMP in", message);
        tally.icmp();
        tally.lost(sent.getFirst().lost() ? 1 : 0);
      }
      case Reply _ -> throw new AssertionError("asked elsewhere");
    }
  }

  private void toPeer(
      FakeUdp.Sent sent, InetSocketAddress relayed, InetSocketAddress peer, Bytes payload) {
    Reference.check(sent.from().equals(local(relayed)), "relayed from", sent.from());
    Reference.check(sent.to().equals(TransportAddress.of(peer)), "relayed to", sent.to());
    Reference.check(Bytes.of(sent.bytes()).equals(payload), "another payload:", sent);
    tally.toPeer(payload.length());
    tally.lost(sent.lost() ? 1 : 0);
  }

  /// Where the socket of a relayed address is bound.
  private TransportAddress local(InetSocketAddress relayed) {
    var ip = relayed.getAddress().getAddress().length == 4 ? World.RELAY_IPV4 : World.RELAY_IPV6;
    return new TransportAddress(ip, relayed.getPort());
  }

  private void toClient(
      FakeUdp.Sent sent, int client, InetSocketAddress peer, int channel, Bytes payload) {
    if (channel == 0) {
      var message = dataTo(sent, client, peer);
      Reference.check(
          message.require(Attributes.DATA).equals(payload), "another payload:", message);
    } else {
      Reference.check(isToClient(sent, client), "data to", sent.to());
      var header = Bytes.uint16(channel).plus(Bytes.uint16(payload.length()));
      var bytes = Bytes.of(sent.bytes());
      Reference.check(bytes.equals(header.plus(payload)), "another payload:", bytes);
    }
    tally.toClient(payload.length());
    tally.lost(sent.lost() ? 1 : 0);
  }

  private static Message dataTo(FakeUdp.Sent sent, int client, InetSocketAddress peer) {
    Reference.check(isToClient(sent, client), "data to", sent.to());
    var message = Message.decode(Bytes.of(sent.bytes()));
    Reference.check(message.method() == Methods.DATA, "no Data indication:", message);
    Reference.check(
        message.address(Attributes.XOR_PEER_ADDRESS).equals(peer), "another peer:", message);
    return message;
  }

  private void fromPeer(Step.FromPeer step) {
    var relayed = relayed(step.to());
    var socket = world.udp.sockets.get(local(relayed));
    if (socket == null || model.ofRelayed(relayed) == null) {
      return;
    }
    var peer = resolve(step.peer());
    boolean isRelayed = model.ofRelayed(peer) != null;
    var payload = payload(step.length());
    socket.receive(payload.toArray(), isRelayed ? local(peer) : TransportAddress.of(peer));
    world.run();
    compare(world.udp.takeSent(), model.fromPeer(peer, relayed), payload);
  }

  private void icmp(Step.Icmp step) {
    var relayed = relayed(step.to());
    var socket = world.udp.sockets.get(local(relayed));
    if (socket == null || model.ofRelayed(relayed) == null) {
      return;
    }
    var peer = resolve(step.peer());
    var local = model.ofRelayed(peer) != null ? local(peer) : TransportAddress.of(peer);
    socket.receive(new UdpHandler.Icmp(local, ICMP_UNREACHABLE, ICMP_UNREACHABLE, 0));
    world.run();
    var expected =
        model.fromPeer(peer, relayed) instanceof Expected.ToClient(var client, _, _)
            ? new Expected.IcmpToClient(client, peer)
            : new Drop("PEER_NOT_PERMITTED");
    compare(world.udp.takeSent(), expected, Bytes.EMPTY);
  }

  /// After all: nothing is left, and every port can be had again.
  ///
  /// @param thoroughly whether the ports are asked for
  void finish(boolean thoroughly) {
    world.udp.sendsRefused = 0;
    refuseSockets(0);
    advance(7_200, true);
    advance(7_200, true);
    Reference.check(model.held.isEmpty(), "the model still holds", model.held);
    tally.check();
    Invariants.check(world, model);
    for (int i = 0; thoroughly && i < World.Setup.PORTS; i++) {
      var by =
          new Step.By(StepMaker.CLIENTS + i, i % 2 == 0 ? User.ALICE : User.BOB, Step.Sign.WELL);
      play(new Step.Allocate(by, wishAll()));
    }
  }

  private Step.Wish wishAll() {
    var plain = Step.Wish.PLAIN;
    return new Step.Wish(
        plain.transport(),
        0,
        world.setup.ipv6(),
        plain.even(),
        Step.NONE,
        plain.lifetime(),
        false,
        plain.ticket());
  }

  @Override
  public void close() {
    world.close();
  }
}
