package dev.hairpin.turnserver.telemetry;

import java.util.Locale;

/// What there is at a moment of something that can run out.
public enum Gauge {
  RELAY_PORTS("Relay ports that there are."),
  RELAY_PORTS_USED("Relay ports that allocations and reservations have."),
  DESCRIPTORS("File descriptors that connections and relaying may have."),
  DESCRIPTORS_RELAYS("File descriptors that relaying has."),
  DESCRIPTORS_CLIENTS("File descriptors of clients' connections."),
  QUOTA_REALM_USED("Allocations and reserved ports of all users."),
  QUOTA_USER_USED("Allocations and reserved ports of the user that has most."),
  QUOTA_SOURCE_USED("Allocations of the source that has most.");

  private final String help;

  Gauge(String help) {
    this.help = help;
  }

  /// The metric's name, without prefix.
  public String metric() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String help() {
    return help;
  }
}
