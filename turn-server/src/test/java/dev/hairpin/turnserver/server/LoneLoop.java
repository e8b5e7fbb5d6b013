package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.credential.SharedSecrets;
import dev.hairpin.turnserver.loop.RelayLoop;
import dev.hairpin.turnserver.loop.ServiceSettings.Feature;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.policy.PolicySettings;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.testkit.Bytes;
import dev.hairpin.turnserver.testkit.MemoryWire;
import dev.hairpin.turnserver.testkit.TestTurnClient;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A whole server of one loop, with one client that is no socket: what it sends is handed to the
/// loop, and what comes back is kept. The relayed sockets are real, and reach one loopback address.
public final class LoneLoop implements AutoCloseable {
  public static final String PEER = "127.0.7.7";

  private static final String SECRET = "the secret of the lone loop";
  private static final TransportAddress CLIENT =
      TransportAddress.of(new InetSocketAddress("127.0.0.9", 4711));

  private final ManualClock clock = new ManualClock();
  private final TurnServer server = TurnServer.start(settings(), clock);
  private final RelayLoop loop = server.shared.loops().getFirst();
  private final MemorySocket socket = new MemorySocket();
  private final Packet packet = new Packet();

  /// Everything is served; a mutated address must not lead out of this machine.
  private static TurnSettings settings() {
    var denied =
        Stream.of("0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/5", "120.0.0.0/6")
            .map(IpPrefix::parse);
    var more = Stream.of("124.0.0.0/7", "126.0.0.0/8", "128.0.0.0/1", "::/0").map(IpPrefix::parse);
    var policy =
        PolicySettings.DEFAULT.withPeers(
            List.of(IpPrefix.parse(PEER)), Stream.concat(denied, more).toList());
    return TurnSettings.of(SharedSecrets.of(SECRET), ListenUrl.parse("udp://127.0.0.1:0"))
        .but(d -> d.udp = UdpMode.AUTO)
        .but(d -> d.loops = 1)
        .but(
            d -> {
              d.policy = policy;
              d.service =
                  Services.with(Set.of(Feature.MOBILITY, Feature.TCP_RELAY, Feature.CLASSIC_STUN));
            });
  }

  /// A client on the wire of this loop, with a credential.
  public TestTurnClient client() {
    var wire =
        new MemoryWire(
            server.listenAddresses().getFirst().toInetSocketAddress(),
            CLIENT.toInetSocketAddress(),
            this::exchange);
    return TestTurnClient.over(wire).withSecret(SECRET).as("alice");
  }

  /// Runs on the loop and waits; at once where this is the loop.
  public <T> T run(Callable<T> task) {
    try {
      return loop.eventLoop().inEventLoop() ? task.call() : loop.eventLoop().submit(task).get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  public List<Bytes> exchange(Bytes datagram) {
    return exchange(datagram.toArray());
  }

  /// What the client gets for a datagram, before anything else happens. The buffer ends where the
  /// datagram does, so that reading beyond it throws.
  public List<Bytes> exchange(byte[] datagram) {
    return run(
        () -> {
          socket.sent.clear();
          packet.point(Unpooled.wrappedBuffer(datagram), 0, datagram.length, CLIENT);
          loop.onTurn();
          loop.onMessage(socket, packet);
          return List.copyOf(socket.sent);
        });
  }

  public boolean hasAllocation() {
    return socket.holder != null;
  }

  public void advance(Duration time) {
    clock.advance(time);
  }

  public long dropped(DropReason reason) {
    return server.telemetry().get(reason);
  }

  @Override
  public void close() {
    server.close();
  }

  private static final class MemorySocket implements ClientSocket, ClientLink {
    private final List<Bytes> sent = new ArrayList<>();
    private @Nullable Holder holder;

    @Override
    public Transport transport() {
      return Transport.UDP;
    }

    @Override
    public FiveTuple fiveTupleOf(Packet from) {
      return new FiveTuple(Transport.UDP, CLIENT, new TransportAddress(CLIENT.ip(), 3478));
    }

    @Override
    public @Nullable Holder holderOf(Packet from) {
      return holder;
    }

    @Override
    public void add(TransportAddress client, Holder added) {
      holder = added;
    }

    @Override
    public void remove(TransportAddress client, Holder ended) {
      holder = ended.equals(holder) ? null : holder;
    }

    @Override
    public ClientLink linkTo(TransportAddress client, Packet request) {
      return this;
    }

    @Override
    public int maxMessageBytes() {
      return 65_507;
    }

    @Override
    public void relayBehind(int header, Packet relayed) {}

    @Override
    public void send(ByteBuf message) {
      sent.add(Bytes.of(ByteBufUtil.getBytes(message)));
    }

    @Override
    public void forget(Allocation ended) {
      remove(CLIENT, ended);
    }
  }
}
