package dev.hairpin.deploy.check;

/// What a NAT's mapping or filtering depends on (RFC 4787 §4.1, §5).
enum NatBehavior {
  ENDPOINT_INDEPENDENT("endpoint-independent"),
  ADDRESS_DEPENDENT("address-dependent"),
  ADDRESS_AND_PORT_DEPENDENT("address-and-port-dependent");

  private final String words;

  NatBehavior(String words) {
    this.words = words;
  }

  @Override
  public String toString() {
    return words;
  }
}
