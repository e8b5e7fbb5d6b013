package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.udp.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes datagrams between relayed addresses of this server from one loop to another, or to the
/// next turn of the same, as copies. While one load is under way, the next is gathered.
final class Ferry {
  private static final int MAX_LOAD_BYTES = 256 << 10;
  private static final int MAX_KEPT_BYTES = 32 << 10;

  private final RelayLoop from;
  private final RelayLoop to;
  private final Runnable leave = this::leave;
  private final Runnable arrive = this::arrive;
  private final Runnable unload = this::unload;
  private final Packet packet = new Packet();

  /// Belongs to the loop that it comes from.
  private Load gathered = new Load();

  /// Belongs to the loop that it goes to, while it is under way.
  private Load carried = new Load();

  /// How often it was to leave since it has been back.
  private final AtomicInteger departures = new AtomicInteger();

  Ferry(RelayLoop from, RelayLoop to) {
    this.from = from;
    this.to = to;
  }

  /// @param bytes before each payload are port and length; in place of the latter, a header may be
  ///   written
  private record Load(List<TransportAddress> sources, ByteBuf bytes) {
    static final int HEAD_BYTES = Integer.BYTES + Integer.BYTES;

    Load() {
      this(new ArrayList<>(), Unpooled.buffer(0));
    }

    void clear() {
      sources.clear();
      bytes.clear();
      if (bytes.capacity() > MAX_KEPT_BYTES) {
        bytes.capacity(0);
      }
    }
  }

  /// At the loop that it comes from: what is more than a load is lost, as where a socket's buffer
  /// is full.
  ///
  /// @param port of the relayed address that it is for, whose IP address is the source's
  void take(TransportAddress source, Packet datagram, int skip, int length, int port) {
    var bytes = gathered.bytes;
    if (bytes.writerIndex() + Load.HEAD_BYTES + length > MAX_LOAD_BYTES) {
      from.counters().drop(DropReason.BACKLOG_FULL);
      return;
    }
    if (gathered.sources.isEmpty()) {
      from.execute(leave); // when this turn ends
    }
    gathered.sources.add(source);
    bytes.writeInt(port).writeInt(length);
    bytes.writeBytes(datagram.buffer(), datagram.offset() + skip, length);
    from.counters().increment(Counter.MESSAGES_ACROSS_LOOPS);
  }

  private void leave() {
    if (gathered.sources.isEmpty() || departures.getAndIncrement() > 0) {
      return;
    }
    var load = gathered;
    gathered = carried;
    carried = load;
    to.execute(arrive);
  }

  /// At the loop that it goes to.
  private void arrive() {
    to.run(unload);
    carried.clear();
    if (departures.getAndSet(0) > 1) {
      from.execute(leave); // what was gathered meanwhile
    }
  }

  private void unload() {
    var bytes = carried.bytes;
    for (int i = 0; i < carried.sources.size(); i++) {
      int port = bytes.readInt();
      int length = bytes.readInt();
      packet.point(bytes, bytes.readerIndex(), length, carried.sources.get(i));
      packet.unwrap(0, length);
      if (!to.udpRelays.deliver(carried.sources.get(i), packet, port)) {
        to.counters().drop(DropReason.NO_ALLOCATION);
      }
      bytes.skipBytes(length);
    }
  }
}
