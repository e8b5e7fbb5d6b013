package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.allocation.FiveTuple.Holder;
import dev.hairpin.turnserver.loop.RequestPath.Request;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.transport.SingleClient;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Joins a client that has moved to its allocation, where the client's packets come to one loop,
/// the door, and another, the home, keeps the allocation (RFC 8016). Neither connection nor state
/// leaves its loop: messages cross, as copies, by tasks. To the home it is the client's socket.
final class Passage implements Holder, SingleClient {
  /// What may be under way at once; more is dropped.
  private static final int MAX_BYTES = 512 << 10;

  private final RelayLoop door;
  private final RelayLoop home;
  private final FiveTuple fiveTuple;
  private final AtomicInteger underWayBytes = new AtomicInteger();

  /// The door's alone, but for what never changes of it.
  private final ClientSocket socket;

  private final ClientLink exit;

  /// The home's alone.
  private @Nullable Allocation allocation;

  private boolean ended;

  /// Made at the door.
  Passage(RelayLoop door, Request request, RelayLoop home) {
    this.door = door;
    this.home = home;
    this.fiveTuple = request.fiveTuple();
    this.socket = request.socket();
    this.exit = request.link();
  }

  /// At the door.
  void forward(Packet packet) {
    forward(packet, underWayBytes);
  }

  /// @param counted what is under way, of all that share a bound with the packet
  void forward(Packet packet, AtomicInteger counted) {
    var bytes = packet.buffer().slice(packet.offset(), packet.length());
    cross(door, home, Unpooled.copiedBuffer(bytes), counted, this::arrive);
  }

  /// At the door: the connection is gone.
  void lost() {
    home.post(
        () -> {
          if (allocation != null) {
            home.onDisconnect(this, allocation);
          }
        });
  }

  private void arrive(Packet packet) {
    home.expire(this, packet);
    if (!ended) {
      home.handle(this, packet);
    } else if (transport() == Transport.UDP) {
      home.counters().drop(DropReason.NO_ALLOCATION); // the client asks again, and the door decides
    } else {
      cross(home, door, packet.buffer(), underWayBytes, back -> door.handle(socket, back));
    }
  }

  /// At the home. From its first success on, the door knows where the client's allocation is.
  private void sendBack(ByteBuf bytes) {
    boolean admits = allocation != null;
    cross(
        home,
        door,
        bytes,
        underWayBytes,
        packet -> {
          if (!admits || admit(packet)) {
            exit.send(packet.buffer());
          }
        });
  }

  private boolean admit(Packet packet) {
    var holder = socket.holderOf(packet);
    if (holder == null) {
      socket.add(client(), this);
    } else if (holder != this) {
      lost(); // it has made an allocation at the door meanwhile
      return false;
    }
    return true;
  }

  private void cross(
      RelayLoop from, RelayLoop to, ByteBuf bytes, AtomicInteger counted, Consumer<Packet> then) {
    int length = bytes.readableBytes();
    if (counted.get() + length > MAX_BYTES) {
      from.counters().drop(DropReason.BACKLOG_FULL);
      return;
    }
    counted.addAndGet(length);
    from.counters().increment(Counter.MESSAGES_ACROSS_LOOPS);
    to.post(
        () -> {
          counted.addAndGet(-length);
          var packet = new Packet();
          packet.point(bytes, bytes.readerIndex(), length, client());
          then.accept(packet);
        });
  }

  @Override
  public @Nullable Holder holderOf(Packet packet) {
    return allocation;
  }

  @Override
  public void add(TransportAddress known, Holder holder) {
    allocation = (Allocation) holder;
  }

  @Override
  public void remove(TransportAddress known, Holder holder) {
    allocation = null;
    ended = true;
    door.post(() -> socket.remove(client(), this));
  }

  @Override
  public FiveTuple fiveTuple() {
    return fiveTuple;
  }

  @Override
  public @Nullable String serverName() {
    return socket.serverName();
  }

  @Override
  public int maxMessageBytes() {
    return exit.maxMessageBytes();
  }

  @Override
  public void send(ByteBuf message) {
    sendBack(Unpooled.copiedBuffer(message));
  }

  @Override
  public void relayBehind(int header, Packet packet) {
    int length = packet.length();
    int padding = transport().isDatagram() ? 0 : -length & 3;
    var bytes = Unpooled.buffer(ChannelData.HEADER_BYTES + length + padding);
    bytes.writeInt(header).writeBytes(packet.buffer(), packet.offset(), length).writeZero(padding);
    sendBack(bytes);
  }
}
