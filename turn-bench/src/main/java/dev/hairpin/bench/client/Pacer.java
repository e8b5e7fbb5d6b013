package dev.hairpin.bench.client;

import dev.hairpin.bench.Load.Direction;
import dev.hairpin.bench.Payload;
import dev.hairpin.bench.measure.Stamp;
import dev.hairpin.bench.measure.Tally;
import dev.hairpin.turnserver.turn.ChannelData;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Sends what is due, turn by turn of its loop. Packet number k is due at a time that was fixed
/// when the run began; whoever is late catches up, and the lateness counts as latency.
final class Pacer implements Runnable {
  private static final int MAX_PER_TURN = 64;
  private static final int FLOOD_PER_TURN = 32;

  /// A timer of the system comes up to this late; the rest is waited for by turning.
  private static final long TURNING_NANOS = 150_000;

  private static final long LATE_NANOS = 1_000_000;

  private final IoEventLoop loop;
  private final List<BenchClient> clients;
  private final Peer peer;
  private final Direction direction;
  private final Payload payload;
  private final Tally tally;
  private final ByteBuf template;
  private final Runnable again = this::again;
  private final int header;
  private boolean active;
  private int run;
  private double nanosPerPacket;
  private long start;
  private long end;
  private long number;
  private int place;
  private int turn;

  /// @param clients those that have an allocation
  Pacer(
      IoEventLoop loop,
      List<BenchClient> clients,
      Peer peer,
      Direction direction,
      Payload payload,
      Tally tally) {
    this.loop = loop;
    this.clients = clients;
    this.peer = peer;
    this.direction = direction;
    this.payload = payload;
    this.tally = tally;
    this.header = direction == Direction.DOWN ? 0 : ChannelData.HEADER_BYTES;
    this.template = Stamp.template(header, payload.bytes());
  }

  /// Starts.
  ///
  /// @param rate packets a second; 0 for as many as go
  void begin(int newRun, double rate, long nanos) {
    tally.begin(newRun);
    run = newRun;
    nanosPerPacket = rate == 0 ? 0 : 1e9 / rate;
    start = System.nanoTime();
    end = start + nanos;
    number = 0;
    place = 0;
    for (var client : clients) {
      client.sequence = 0;
    }
    if (!active && !clients.isEmpty()) {
      active = true;
      loop.execute(this);
    }
  }

  void stop() {
    end = Math.min(end, System.nanoTime());
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    if (nanosPerPacket == 0) {
      for (int i = 0; i < FLOOD_PER_TURN && now < end; i++) {
        send(now, now);
      }
    } else {
      long until = Math.min(now, end - 1);
      for (int i = 0; i < MAX_PER_TURN && due() <= until; i++) {
        send(due(), now);
      }
    }
    if (now < end) {
      next(now);
    } else {
      active = false;
      tally.owed(owed());
    }
  }

  /// The packets of a burst are due together.
  private long due() {
    return start + (long) ((number - place) * nanosPerPacket);
  }

  private long owed() {
    return nanosPerPacket == 0
        ? 0
        : Math.max((long) ((end - start) / nanosPerPacket) - number - payload.burst(), 0);
  }

  /// What is to come soon is waited for by turning, which leaves the sockets their turn.
  private void next(long now) {
    long rest = nanosPerPacket == 0 ? 0 : Math.min(due(), end) - now;
    if (rest > 2 * TURNING_NANOS) {
      var _ = loop.schedule(this, rest - TURNING_NANOS, TimeUnit.NANOSECONDS);
    } else {
      ((SingleThreadEventLoop) loop).executeAfterEventLoopIteration(again);
    }
  }

  private void again() {
    loop.execute(this);
  }

  private void send(long due, long now) {
    var client = clients.get(turn);
    int bytes = payload.bytesAt(place);
    boolean paced = nanosPerPacket > 0;
    Stamp.write(template, header, bytes, run, client.index(), client.sequence, due);
    boolean taken = client.isReady();
    if (taken && direction == Direction.DOWN) {
      template.writerIndex(bytes);
      peer.send(template, client.relayed());
    } else if (taken) {
      template.setInt(0, ChannelData.header(ChannelData.FIRST_CHANNEL, bytes));
      var wire = client.wire();
      taken = wire != null && wire.data(template, header + bytes);
    }
    if (taken || paced) { // what a connection does not take is lost, where a rate is asked for
      client.sequence++;
      tally.sent(bytes, paced && now - due > LATE_NANOS);
    }
    number++;
    place++;
    if (place == payload.burst()) {
      place = 0;
      turn = turn + 1 < clients.size() ? turn + 1 : 0;
    }
  }

  void close() {
    template.release();
  }
}
