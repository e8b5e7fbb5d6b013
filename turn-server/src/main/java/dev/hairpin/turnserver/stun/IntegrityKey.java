package dev.hairpin.turnserver.stun;

/// What a message is signed with. Never printed.
public record IntegrityKey(IntegrityAlgorithm algorithm, byte[] bytes) {
  @Override
  public String toString() {
    return "IntegrityKey[" + algorithm + "]";
  }
}
