package dev.hairpin.turnserver.telemetry;

/// What there is at a moment of something that can run out.
public enum Gauge {
  RELAY_PORTS("relay_ports", "Relay ports that there are."),
  RELAY_PORTS_USED("relay_ports_used", "Relay ports that allocations and reservations have."),
  DESCRIPTORS("descriptors", "File descriptors that connections and relaying may have."),
  DESCRIPTORS_RELAYS("descriptors_relays", "File descriptors that relaying has."),
  DESCRIPTORS_CLIENTS("descriptors_clients", "File descriptors of clients' connections."),
  REALM_USED("quota_realm_used", "Allocations and reserved ports of all users."),
  USER_USED("quota_user_used", "Allocations and reserved ports of the user that has most."),
  SOURCE_USED("quota_source_used", "Allocations of the source that has most.");

  private final String metric;
  private final String help;

  Gauge(String metric, String help) {
    this.metric = metric;
    this.help = help;
  }

  /// The metric's name, without prefix.
  public String metric() {
    return metric;
  }

  public String help() {
    return help;
  }
}
