package dev.hairpin.turnserver.turn;

/// Which relay port an Allocate asks for (RFC 8656 §7.1).
public sealed interface PortWish {
  /// By EVEN-PORT, or its absence.
  enum Parity implements PortWish {
    ANY,
    EVEN,
    /// Even, and the next higher port kept for another allocation.
    EVEN_AND_NEXT
  }

  /// The port that was kept under a RESERVATION-TOKEN.
  record Reserved(long token) implements PortWish {}
}
