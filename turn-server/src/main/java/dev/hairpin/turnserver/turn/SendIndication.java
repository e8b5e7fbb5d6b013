package dev.hairpin.turnserver.turn;

import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.XorAddress;

/// The Send indication that was read last (RFC 8656 §11.1), used again for the next.
public final class SendIndication {
  private final XorAddress peer = new XorAddress();
  private int dataOffset;
  private int dataLength;

  /// False where an attribute is missing, malformed or unknown: such an indication is dropped (RFC
  /// 8656 §11.2).
  public boolean read(StunMessage message) {
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
    int data = message.find(Attribute.DATA);
    if (address < 0 || data < 0 || !peer.read(message, address) || peer.port() == 0) {
      return false;
    }
    dataOffset = message.offsetOf(data);
    dataLength = message.lengthOf(data);
    return true;
  }

  public XorAddress peer() {
    return peer;
  }

  public int dataOffset() {
    return dataOffset;
  }

  public int dataLength() {
    return dataLength;
  }
}
