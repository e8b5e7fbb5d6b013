package dev.hairpin.turnserver.net;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A map from transport addresses to values that makes no object on a look-up, by open addressing
/// with linear probes. The hash is keyed, so that nobody can choose addresses that collide.
/// Confined to one thread.
public final class AddressTable<V> {
  private static final int KEY = 3; // high, low, port
  private static final int MIN_CAPACITY = 16;

  private final long seed = new SecureRandom().nextLong();
  private long[] keys = new long[KEY * MIN_CAPACITY];
  private @Nullable Object[] values = new @Nullable Object[MIN_CAPACITY];
  private int size;

  /// The slot that was asked for last: packets come in runs of one address.
  private int recent;

  public int size() {
    return size;
  }

  @SuppressWarnings("unchecked") // only put() stores values
  public @Nullable V get(long high, long low, int port) {
    return (V) values[slot(high, low, port)];
  }

  public void put(TransportAddress key, V value) {
    if (2 * (size + 1) > values.length) {
      resize(2 * values.length);
    }
    int slot = slot(key.ip().high(), key.ip().low(), key.port());
    if (values[slot] == null) {
      size++;
    }
    keys[KEY * slot] = key.ip().high();
    keys[KEY * slot + 1] = key.ip().low();
    keys[KEY * slot + 2] = key.port();
    values[slot] = value;
  }

  public void remove(TransportAddress key) {
    int slot = slot(key.ip().high(), key.ip().low(), key.port());
    if (values[slot] == null) {
      return;
    }
    values[slot] = null;
    size--;
    // move back whatever probed past the gap, so that no probe ends too early
    for (int next = after(slot); values[next] != null; next = after(next)) {
      Object value = values[next];
      values[next] = null;
      int place = slot(keys[KEY * next], keys[KEY * next + 1], (int) keys[KEY * next + 2]);
      System.arraycopy(keys, KEY * next, keys, KEY * place, KEY);
      values[place] = value;
    }
    if (values.length > MIN_CAPACITY && 8 * size < values.length) {
      resize(values.length / 2);
    }
  }

  /// The values that there are now.
  @SuppressWarnings("unchecked") // only put() stores values
  public Stream<V> stream() {
    return Arrays.stream(values.clone()).filter(Objects::nonNull).map(value -> (V) value);
  }

  /// Where the key is, or the free slot where it would go.
  private int slot(long high, long low, int port) {
    if (values[recent] != null && isAt(recent, high, low, port)) {
      return recent;
    }
    int slot = hash(high, low, port) & (values.length - 1);
    while (values[slot] != null && !isAt(slot, high, low, port)) {
      slot = after(slot);
    }
    recent = slot;
    return slot;
  }

  private boolean isAt(int slot, long high, long low, int port) {
    return keys[KEY * slot + 1] == low && keys[KEY * slot + 2] == port && keys[KEY * slot] == high;
  }

  private int after(int slot) {
    return (slot + 1) & (values.length - 1);
  }

  private int hash(long high, long low, int port) {
    if (high == 0) { // IPv4 and its port are 64 bits
      return (int) (mix(seed ^ (low << Short.SIZE | port)) >>> 32);
    }
    long h = mix(seed ^ high);
    h = mix(h ^ low);
    h = mix(h ^ port);
    return (int) (h >>> 32);
  }

  /// The finalizer of MurmurHash3: every bit of the input moves every bit of the output.
  static long mix(long h) {
    h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
    h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
    return h ^ h >>> 33;
  }

  private void resize(int capacity) {
    long[] oldKeys = keys;
    @Nullable Object[] oldValues = values;
    keys = new long[KEY * capacity];
    values = new @Nullable Object[capacity];
    recent = 0;
    for (int i = 0; i < oldValues.length; i++) {
      if (oldValues[i] != null) {
        int slot = slot(oldKeys[KEY * i], oldKeys[KEY * i + 1], (int) oldKeys[KEY * i + 2]);
        System.arraycopy(oldKeys, KEY * i, keys, KEY * slot, KEY);
        values[slot] = oldValues[i];
      }
    }
  }
}
