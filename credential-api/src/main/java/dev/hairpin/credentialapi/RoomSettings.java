package dev.hairpin.credentialapi;

/// Rooms in which pages find each other for calls.
///
/// @param areServed whether there are any
/// @param size participants of one, 2 to 50
public record RoomSettings(boolean areServed, int size) {
  public static final int MIN_SIZE = 2;
  public static final int MAX_SIZE = 50;
  public static final RoomSettings DEFAULT = new RoomSettings(true, 8);

  /// The property that beans for rooms require.
  public static final String PROPERTY = "hairpin.rooms";

  public RoomSettings {
    if (size < MIN_SIZE || size > MAX_SIZE) {
      throw new IllegalArgumentException(
          "a room takes " + MIN_SIZE + " to " + MAX_SIZE + " participants");
    }
  }
}
