package dev.hairpin.turnserver.stun;

/// What a message is signed with. Where it is printed, the array does not show its bytes.
public record IntegrityKey(IntegrityAlgorithm algorithm, byte[] bytes) {}
