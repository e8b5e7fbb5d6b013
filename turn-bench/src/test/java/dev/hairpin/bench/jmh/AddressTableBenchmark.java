package dev.hairpin.bench.jmh;

import dev.hairpin.turnserver.net.AddressTable;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Whose packet is it? The table of packed longs, and the map that one would take otherwise. Each
/// look-up is for another address.
@State(Scope.Thread)
public class AddressTableBenchmark {
  @Param({"100", "10000"})
  public int size = 100;

  private final AddressTable<TransportAddress> table = new AddressTable<>();
  private final Map<InetSocketAddress, TransportAddress> map = new HashMap<>();
  private TransportAddress[] clients = {};
  private InetSocketAddress[] keys = {};
  private int turn;

  @Setup
  public void fill() {
    var random = new Random(1);
    clients = new TransportAddress[size];
    keys = new InetSocketAddress[size];
    for (int i = 0; i < size; i++) {
      var ip = IpAddress.ofIpv4(0x0b00_0000 | random.nextInt(1 << 24));
      clients[i] = new TransportAddress(ip, 1_024 + random.nextInt(60_000));
      keys[i] = clients[i].toInetSocketAddress();
      table.put(clients[i], clients[i]);
      map.put(keys[i], clients[i]);
    }
  }

  @Benchmark
  public @Nullable TransportAddress tableHit() {
    var client = next();
    return table.get(client.ip().high(), client.ip().low(), client.port());
  }

  @Benchmark
  public @Nullable TransportAddress tableMiss() {
    var client = next();
    return table.get(client.ip().high(), client.ip().low() ^ 1L << 31, client.port());
  }

  /// With a key that somebody has made already.
  @Benchmark
  public @Nullable TransportAddress mapHit() {
    next();
    return map.get(keys[turn]);
  }

  /// With the key that has to be made of each packet's source.
  @Benchmark
  public @Nullable TransportAddress mapHitOfPacket() {
    return map.get(next().toInetSocketAddress());
  }

  @Benchmark
  public int tablePutAndRemove() {
    var client = next();
    table.remove(client);
    table.put(client, client);
    return table.size();
  }

  /// Whom the last look-up was for.
  TransportAddress current() {
    return clients[turn];
  }

  private TransportAddress next() {
    turn = turn + 1 == size ? 0 : turn + 1;
    return clients[turn];
  }
}
