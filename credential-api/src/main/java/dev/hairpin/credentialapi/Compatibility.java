package dev.hairpin.credentialapi;

import java.util.Locale;

/// Another API for TURN credentials that is spoken beside the own one. None is, unless it is named.
public enum Compatibility {
  /// draft-uberti-behave-turn-rest-00, at `/turn`.
  TURN_REST,
  /// Cloudflare Realtime, below `/v1/turn/keys`.
  CLOUDFLARE,
  /// Twilio Network Traversal Service, below `/2010-04-01/Accounts`.
  TWILIO,
  /// Metered, at `/api/v1/turn/credentials`.
  METERED,
  /// Xirsys 3, below `/_turn`.
  XIRSYS,
  /// The authentication service of STUNner, at `/ice`.
  STUNNER,
  /// `Link` headers (RFC 9725 §4.6) on the answers of `/v1/ice-servers`.
  WHIP;

  /// Begins the names of the properties that beans require, one for each constant.
  public static final String PROPERTIES = "hairpin.compatibility.";

  String property() {
    return PROPERTIES + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
