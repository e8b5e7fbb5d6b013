package dev.hairpin.turnserver.testkit;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A wire to a server in the same memory: each datagram is answered before `send` returns.
public final class MemoryWire implements Wire {
  private final InetSocketAddress server;
  private final InetSocketAddress local;
  private final Function<Bytes, List<Bytes>> answers;
  private final Queue<Bytes> received = new ArrayDeque<>();

  public MemoryWire(
      InetSocketAddress server, InetSocketAddress local, Function<Bytes, List<Bytes>> answers) {
    this.server = server;
    this.local = local;
    this.answers = answers;
  }

  @Override
  public InetSocketAddress server() {
    return server;
  }

  @Override
  public InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public boolean isStream() {
    return false;
  }

  @Override
  public void send(Bytes bytes) {
    received.addAll(answers.apply(bytes));
  }

  @Override
  public @Nullable Bytes receive(Duration timeout) {
    return received.poll();
  }

  @Override
  public void close() {}
}
