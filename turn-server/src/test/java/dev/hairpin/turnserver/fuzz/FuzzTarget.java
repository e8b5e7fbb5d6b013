package dev.hairpin.turnserver.fuzz;

/// A reader of input from strangers, with its rules.
public interface FuzzTarget {
  /// Takes any bytes; throws whatever is wrong, and nothing else.
  void take(byte[] input);

  /// Brings about what an input is to find, apart from the time that the input takes.
  default void prepare() {}
}
