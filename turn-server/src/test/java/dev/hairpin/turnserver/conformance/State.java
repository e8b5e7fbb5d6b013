package dev.hairpin.turnserver.conformance;

import dev.hairpin.turnserver.testkit.Await;
import dev.hairpin.turnserver.testkit.Methods;
import java.time.Duration;

/// What the 5-tuple has gone through before the question of a row is put.
enum State {
  NONE("no allocation"),
  NONE_ON_IPV6("no allocation, server relays IPv6 only"),
  NONE_ON_BOTH("no allocation, server relays both families"),
  NONE_AND_PORTS_TAKEN("no allocation, every relay port is taken"),
  NONE_AND_OLD_NONCE("no allocation, nonce past its lifetime"),
  RESERVED("no allocation, the user's other client reserved a port"),
  NONE_OVER_TCP("no allocation, over TCP"),
  LIVE("allocation"),
  LIVE_ON_IPV6("IPv6 allocation"),
  LIVE_ON_BOTH("allocation of both families"),
  LIVE_AND_OLD_NONCE("allocation, nonce past its lifetime"),
  PERMITTED("allocation with a permission"),
  LIVE_OVER_TCP("allocation, over TCP"),
  TCP_LIVE("TCP allocation"),
  BOUND("allocation with channel 0x4000 bound"),
  DELETED("allocation deleted"),
  EXPIRED("allocation expired");

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String text;

  State(String text) {
    this.text = text;
  }

  Scene set(Venue venue) {
    return switch (this) {
      case NONE -> new Scene(venue.ipv4);
      case NONE_ON_IPV6 -> new Scene(venue.ipv6);
      case NONE_ON_BOTH -> new Scene(venue.both);
      case NONE_AND_PORTS_TAKEN -> new Scene(venue.narrow);
      case NONE_AND_OLD_NONCE -> withOldNonce(new Scene(venue.hasty));
      case RESERVED -> new Scene(venue.ipv4).reserved();
      case NONE_OVER_TCP -> new Scene(venue.stream);
      case LIVE_OVER_TCP -> new Scene(venue.stream).allocated(600);
      case TCP_LIVE -> new Scene(venue.stream).allocatedTcp();
      case LIVE -> new Scene(venue.ipv4).allocated(600);
      case LIVE_ON_IPV6 -> new Scene(venue.ipv6).allocated(600);
      case LIVE_ON_BOTH -> new Scene(venue.both).allocatedBoth();
      case LIVE_AND_OLD_NONCE -> withOldNonce(new Scene(venue.hasty).allocated(600));
      case PERMITTED -> withPermission(venue);
      case BOUND -> withChannel(venue);
      case DELETED -> deleted(venue);
      case EXPIRED -> expired(venue);
    };
  }

  private static Scene withPermission(Venue venue) {
    var scene = new Scene(venue.ipv4).allocated(600);
    scene.client.permit(scene.peer.address());
    return scene;
  }

  private static Scene withChannel(Venue venue) {
    var scene = new Scene(venue.ipv4).allocated(600);
    scene.client.bind(Scene.CHANNEL, scene.peer.address());
    return scene;
  }

  private static Scene deleted(Venue venue) {
    var scene = withChannel(venue);
    scene.client.refresh(0);
    return scene;
  }

  private static Scene expired(Venue venue) {
    var scene = new Scene(venue.brief).allocated(1);
    Await.until(PATIENCE, () -> permissionCode(scene) == 437, () -> "the allocation expires");
    return scene;
  }

  private static int permissionCode(Scene scene) {
    var response = scene.client.call(Methods.CREATE_PERMISSION, m -> m.peer(scene.peer.address()));
    return response.isSuccess() ? 0 : response.errorCode();
  }

  /// Asks with the same nonce until the server calls it stale.
  private static Scene withOldNonce(Scene scene) {
    var client = scene.client;
    Await.until(
        PATIENCE,
        () -> client.exchange(client.signed(Methods.REFRESH, _ -> {})).isError(438),
        () -> "the nonce becomes stale");
    return scene;
  }

  @Override
  public String toString() {
    return text;
  }
}
