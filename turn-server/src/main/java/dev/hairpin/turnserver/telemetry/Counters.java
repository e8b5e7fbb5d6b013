package dev.hairpin.turnserver.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The cells of one loop. Only that loop writes; anybody may read, and sees a recent value.
@SuppressWarnings(
    "EnumOrdinal") // the ordinals index an array that lives no longer than the process
public final class Counters {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int COUNTERS = Counter.values().length;
  private static final int ERRORS = COUNTERS + DropReason.values().length;
  private static final int ERROR_CODES = 700; // RFC 8489 §14.8

  private final long[] cells = new long[ERRORS + ERROR_CODES];

  public void increment(Counter counter) {
    bump(counter.ordinal(), 1);
  }

  public void add(Counter counter, long amount) {
    bump(counter.ordinal(), amount);
  }

  public void drop(DropReason reason) {
    bump(COUNTERS + reason.ordinal(), 1);
  }

  public void drop(DropReason reason, int packets) {
    bump(COUNTERS + reason.ordinal(), packets);
  }

  /// Counts an error response.
  public void error(int code) {
    bump(ERRORS + code, 1);
  }

  public long get(Counter counter) {
    return (long) CELL.getOpaque(cells, counter.ordinal());
  }

  public long get(DropReason reason) {
    return (long) CELL.getOpaque(cells, COUNTERS + reason.ordinal());
  }

  public long errors(int code) {
    return (long) CELL.getOpaque(cells, ERRORS + code);
  }

  private void bump(int index, long amount) {
    CELL.setOpaque(cells, index, cells[index] + amount);
  }
}
