package dev.hairpin.turnserver.testkit;

/// The server ended a connection while the client waited for more from it.
public final class StreamEnd extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// How a connection ends.
  public enum Manner {
    /// The server said that it sends no more.
    CLOSED,
    /// The server broke the connection off.
    RESET
  }

  private final Manner manner;

  StreamEnd(Manner manner, String context) {
    super(manner + ": " + context);
    this.manner = manner;
  }

  public Manner manner() {
    return manner;
  }
}
