package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;

/// The Send indication (RFC 8656 §11.1).
public final class SendIndication {
  private SendIndication() {}

  /// Reads its peer. False where an attribute is missing, malformed or unknown: such an indication
  /// is dropped (RFC 8656 §11.2).
  public static boolean read(StunMessage message, XorAddress peer) {
    if (message.isIntegrityMalformed()) {
      return false;
    }
    for (int i = 0; i < message.attributes(); i++) {
      int type = message.typeOf(i);
      if (Attribute.isComprehensionRequired(type)
          && type != Attribute.DONT_FRAGMENT
          && type != Attribute.XOR_PEER_ADDRESS
          && type != Attribute.DATA) {
        return false;
      }
    }
    int address = message.find(Attribute.XOR_PEER_ADDRESS);
    return address >= 0
        && message.has(Attribute.DATA)
        && peer.read(message, address)
        && peer.port() != 0;
  }
}
