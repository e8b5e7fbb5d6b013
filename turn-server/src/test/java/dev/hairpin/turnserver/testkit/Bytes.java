package dev.hairpin.turnserver.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/// An immutable string of bytes, compared by content and printed in hex.
public final class Bytes {
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] value;

  private Bytes(byte[] value) {
    this.value = value;
  }

  public static Bytes of(byte[] bytes) {
    return new Bytes(bytes.clone());
  }

  public static Bytes of(byte[] bytes, int length) {
    return new Bytes(Arrays.copyOf(bytes, length));
  }

  /// Bytes from numbers of which only the low eight bits count.
  public static Bytes octets(int... octets) {
    var bytes = new byte[octets.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    return new Bytes(bytes);
  }

  public static Bytes uint16(int number) {
    return octets(number >> 8, number);
  }

  public static Bytes uint32(long number) {
    return octets((int) (number >> 24), (int) (number >> 16), (int) (number >> 8), (int) number);
  }

  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Reads hex digits; white space is passed over.
  public static Bytes hex(String digits) {
    return new Bytes(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
  }

  public static Bytes random(int length) {
    var bytes = new byte[length];
    ThreadLocalRandom.current().nextBytes(bytes);
    return new Bytes(bytes);
  }

  public int length() {
    return value.length;
  }

  /// The byte at this place, 0 to 255.
  public int at(int index) {
    return value[index] & 0xff;
  }

  public int uint16At(int index) {
    return at(index) << 8 | at(index + 1);
  }

  public long uint32At(int index) {
    return (long) uint16At(index) << 16 | uint16At(index + 2);
  }

  public Bytes slice(int from, int to) {
    return new Bytes(Arrays.copyOfRange(value, from, to));
  }

  public Bytes plus(Bytes more) {
    var joined = Arrays.copyOf(value, value.length + more.value.length);
    System.arraycopy(more.value, 0, joined, value.length, more.value.length);
    return new Bytes(joined);
  }

  /// The same bytes, but with others from this place on.
  public Bytes with(int index, Bytes others) {
    var changed = value.clone();
    System.arraycopy(others.value, 0, changed, index, others.value.length);
    return new Bytes(changed);
  }

  public Bytes xor(Bytes mask) {
    var result = new byte[value.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (byte) (value[i] ^ mask.value[i]);
    }
    return new Bytes(result);
  }

  public byte[] toArray() {
    return value.clone();
  }

  public String asUtf8() {
    return new String(value, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(value);
  }
}
