package dev.hairpin.turnserver.server;

import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.telemetry.Telemetry;
import java.util.List;

/// A STUN and TURN server that runs until it is closed.
public final class TurnServer implements AutoCloseable {
  private final TurnSettings settings;

  private TurnServer(TurnSettings settings) {
    this.settings = settings;
  }

  /// Binds every listener, or fails and leaves nothing behind.
  ///
  /// @throws java.io.UncheckedIOException where an address cannot be bound
  public static TurnServer start(TurnSettings settings) {
    return new TurnServer(settings);
  }

  public TurnSettings settings() {
    return settings;
  }

  /// Where clients are served, with the ports that the system chose for port 0.
  public List<TransportAddress> listenAddresses() {
    return List.of();
  }

  public Telemetry telemetry() {
    return new Telemetry(List.of());
  }

  /// Ends every allocation, closes every socket and stops the loops.
  @Override
  public void close() {}
}
