package dev.hairpin.turnserver.testkit;

/// Which RFC a client signs its requests by.
public enum Dialect {
  /// USERNAME, MD5 and MESSAGE-INTEGRITY, whatever the server offers.
  RFC5389 {
    @Override
    void sign(MessageBuilder message, TurnCredential credential, Challenge challenge) {
      message.signedBy(credential, challenge);
    }
  },
  /// As the challenge asks (RFC 8489 §9.2.5): the first algorithm of its list that is known here,
  /// which is any; MESSAGE-INTEGRITY-SHA256; USERHASH where the nonce says so.
  RFC8489 {
    @Override
    void sign(MessageBuilder message, TurnCredential credential, Challenge challenge) {
      var realm = challenge.realm();
      if (challenge.algorithms().length() == 0) {
        message.signedBy(credential, challenge);
        return;
      }
      if (challenge.saysUsernameAnonymity()) {
        message.attribute(Attributes.USERHASH, credential.userhash(realm));
      } else {
        message.text(Attributes.USERNAME, credential.username());
      }
      var chosen = challenge.algorithms().slice(0, 4);
      message
          .text(Attributes.REALM, realm)
          .attribute(Attributes.NONCE, challenge.nonce())
          .attribute(Attributes.PASSWORD_ALGORITHMS, challenge.algorithms())
          .attribute(Attributes.PASSWORD_ALGORITHM, chosen)
          .integritySha256(credential.key(realm, chosen));
    }
  };

  abstract void sign(MessageBuilder message, TurnCredential credential, Challenge challenge);
}
