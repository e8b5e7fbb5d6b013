package dev.hairpin.credentialapi.usage;

/// What was taken of the server. Payload alone is counted, on the relayed side.
///
/// @param allocations that began
/// @param seconds for which allocations lived, together
public record Usage(
    long allocations,
    long seconds,
    long bytesToPeers,
    long bytesToClients,
    long packetsToPeers,
    long packetsToClients) {
  static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0);

  public Usage {
    long all =
        allocations | seconds | bytesToPeers | bytesToClients | packetsToPeers | packetsToClients;
    if (all < 0) {
      throw new IllegalArgumentException("nobody can take less than nothing");
    }
  }

  Usage plus(Usage more) {
    return new Usage(
        sum(allocations, more.allocations),
        sum(seconds, more.seconds),
        sum(bytesToPeers, more.bytesToPeers),
        sum(bytesToClients, more.bytesToClients),
        sum(packetsToPeers, more.packetsToPeers),
        sum(packetsToClients, more.packetsToClients));
  }

  /// Ends at the largest number there is.
  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
