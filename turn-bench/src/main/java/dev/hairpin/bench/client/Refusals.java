package dev.hairpin.bench.client;

/// What a server's refusal means here, and what helps.
final class Refusals {
  private Refusals() {}

  static String describe(String request, int code) {
    String why =
        switch (code) {
          case 300 -> "it sends clients to another server; name that one";
          case 400 -> "it does not understand the request";
          case 401 ->
              "the credential is not accepted; is it the right secret or password, and are the"
                  + " clocks right?";
          case 403 ->
              "the server denies the peer address; allow it there (Hairpin: --allow-peer"
                  + " 127.0.0.0/8, coturn: allow-loopback-peers), or name another by"
                  + " --peer-address";
          case 437 -> "the allocation is gone or another's";
          case 438 -> "its nonces are stale as soon as they are given";
          case 440, 443 -> "it does not relay this address family; try another --peer-address";
          case 441 -> "the credential is another than the allocation's";
          case 486 ->
              "a quota of allocations is reached; use fewer --clients, raise the quota (Hairpin:"
                  + " quotas.user, coturn: user-quota), or give --secret-file, with which every"
                  + " client is a user of its own";
          case 500, 508 -> "the server has no capacity left, such as relay ports";
          default -> "see RFC 8656 §19";
        };
    return request + " is refused by " + code + ": " + why;
  }
}
