package dev.hairpin.bench.client;

import dev.hairpin.bench.BenchException;
import dev.hairpin.bench.Load;
import dev.hairpin.bench.Target;
import dev.hairpin.bench.measure.Counts;
import dev.hairpin.bench.measure.OwnSockets;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.UdpMode;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.DatagramSocket;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// All clients of one server, on loops of their own. Called by one thread, which waits.
public final class Fleet implements AutoCloseable {
  private static final int LOOK_MILLIS = 20;
  private static final long RELEASE_NANOS = 3_000_000_000L;
  private static final long PATIENCE_SECONDS = 30;

  private final MultiThreadIoEventLoopGroup loops;
  private final List<Seat> seats = new ArrayList<>();
  private final Target target;
  private final Setup setup;
  private int run;

  private record Seat(IoEventLoop loop, Crew crew) {}

  /// Opens the sockets of the peer; no client yet.
  ///
  /// @param peerAddress where the peer listens; null for the address from which the server is
  ///   reached
  public Fleet(Target target, Load load, int threads, @Nullable IpAddress peerAddress)
      throws BenchException {
    this.target = target;
    this.setup = new Setup(load.clients());
    int count = Math.min(threads, load.clients());
    this.loops = UdpMode.AUTO.loops(count);
    try {
      var local = new TransportAddress(localAddress(target), 0);
      var peer = new TransportAddress(peerAddress == null ? local.ip() : peerAddress, 0);
      for (int i = 0; i < count; i++) {
        int first = i;
        var numbers =
            IntStream.range(0, load.clients()).filter(n -> n % count == first).boxed().toList();
        var loop = loops.next();
        var crew = call(loop, () -> new Crew(loop, target, load, numbers, local, peer, setup));
        seats.add(new Seat(loop, crew));
      }
    } catch (IOException e) {
      close();
      throw new BenchException("the server is not reached: " + e.getMessage());
    } catch (BenchException e) {
      close();
      throw e;
    }
  }

  /// The address from which packets to a server leave.
  private static IpAddress localAddress(Target target) throws IOException {
    try (var probe = new DatagramSocket()) {
      probe.connect(target.address());
      return IpAddress.of(probe.getLocalAddress());
    }
  }

  /// Makes the allocations; returns early where they are no longer wanted.
  ///
  /// @throws BenchException with the server's reason, where no client got one
  public Setup open(BooleanSupplier stopped) throws BenchException, InterruptedException {
    setup.begin();
    for (var seat : seats) {
      seat.loop.execute(seat.crew::open);
    }
    while (!setup.await(LOOK_MILLIS)) {
      if (stopped.getAsBoolean()) {
        setup.abandon();
        return setup;
      }
    }
    if (setup.allocations() == 0) {
      throw new BenchException(target.url() + ": " + setup.failure());
    }
    return setup;
  }

  /// Begins a run, which ends by itself.
  ///
  /// @param rate packets a second of all clients; 0 for as many as go
  public void begin(double rate, long nanos) throws BenchException {
    run = run + 1 & 0x7fff;
    int all = Math.max((int) setup.allocations(), 1);
    for (var seat : seats) {
      run(seat.loop, () -> seat.crew.begin(run, rate * seat.crew.ready() / all, nanos));
    }
  }

  public void stop() throws BenchException {
    for (var seat : seats) {
      run(seat.loop, seat.crew::stop);
    }
  }

  /// What was counted since the last time.
  public Counts cut() throws BenchException {
    var sum = new Counts();
    for (var seat : seats) {
      sum.add(call(seat.loop, seat.crew::cut));
    }
    return sum;
  }

  /// What clients lost since the last time, in words; null where none did.
  public @Nullable String losses() throws BenchException {
    for (var seat : seats) {
      var words = call(seat.loop, seat.crew::losses);
      if (words.isPresent()) {
        return words.get();
      }
    }
    return null;
  }

  /// Datagrams that reached this process and were not read in time, since it began.
  public long dropsHere() throws BenchException {
    var ports = new BitSet();
    for (var seat : seats) {
      run(seat.loop, () -> seat.crew.ports(ports));
    }
    return OwnSockets.drops(ports);
  }

  private static void run(IoEventLoop loop, Runnable task) throws BenchException {
    boolean _ = call(loop, Executors.callable(task, true));
  }

  private static <T> T call(IoEventLoop loop, Callable<T> task) throws BenchException {
    try {
      return loop.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BenchException known) {
        throw known;
      }
      throw new BenchException(String.valueOf(e.getCause()));
    } catch (TimeoutException _) {
      throw new BenchException("the load generator hangs");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted");
    }
  }

  /// Gives every allocation back, which takes a moment, and closes all sockets.
  @Override
  public void close() {
    setup.abandon();
    try {
      long began = System.nanoTime();
      for (var seat : seats) {
        while (!call(seat.loop, seat.crew::release) && System.nanoTime() - began < RELEASE_NANOS) {
          TimeUnit.MILLISECONDS.sleep(2);
        }
        run(seat.loop, seat.crew::close);
      }
    } catch (BenchException _) {
      // the loop is gone, and with it the sockets
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2_000);
    }
  }
}
