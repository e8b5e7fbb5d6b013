package dev.hairpin.credentialapi.signaling;

import dev.hairpin.credentialapi.json.JsonFields;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a client says. None shows in a log what it carries.
sealed interface ClientMessage {
  List<String> TYPES = List.of("join", "offer", "answer", "candidate", "refresh", "ping", "leave");

  int MAX_NAME = 64;
  int MAX_SDP = 60_000;
  int MAX_ID = 64;

  /// The first of all.
  ///
  /// @param resume what the last welcome said; null for a new participant
  record Join(@Nullable String token, @Nullable String name, @Nullable String resume)
      implements ClientMessage {
    @Override
    public String toString() {
      return "Join";
    }
  }

  /// An offer or an answer.
  ///
  /// @param type one of the two
  record Description(String type, String to, String sdp) implements ClientMessage {
    @Override
    public String toString() {
      return type;
    }
  }

  /// One way to reach the client.
  ///
  /// @param ice null at the end of candidates
  record Candidate(String to, @Nullable Ice ice) implements ClientMessage {
    @Override
    public String toString() {
      return "Candidate";
    }
  }

  /// As `RTCIceCandidate.toJSON()` gives it (W3C WebRTC §4.8.1).
  record Ice(
      String candidate,
      @Nullable String sdpMid,
      @Nullable Long sdpMLineIndex,
      @Nullable String usernameFragment) {
    private static final int MAX_CANDIDATE = 1024;
    private static final int MAX_MID = 64;
    private static final int MAX_FRAGMENT = 256;
    private static final int MAX_INDEX = 65_535;

    static Ice of(JsonFields fields) {
      var ice =
          new Ice(
              needed(fields, "candidate", 0, MAX_CANDIDATE),
              fields.takeNull("sdpMid") ? null : needed(fields, "sdpMid", 0, MAX_MID),
              fields.takeNull("sdpMLineIndex") ? null : index(fields),
              fields.takeNull("usernameFragment")
                  ? null
                  : optional(fields, "usernameFragment", 0, MAX_FRAGMENT));
      fields.end();
      return ice;
    }

    private static Long index(JsonFields fields) {
      Long index = fields.number("sdpMLineIndex");
      if (index == null || index < 0 || index > MAX_INDEX) {
        throw new IllegalArgumentException("sdpMLineIndex is a whole number, 0 to " + MAX_INDEX);
      }
      return index;
    }

    @Override
    public String toString() {
      return "Ice";
    }
  }

  /// Those that say nothing but their type.
  enum Plain implements ClientMessage {
    REFRESH,
    PING,
    LEAVE
  }

  /// Reads a message strictly.
  ///
  /// @throws Ending where it is none
  static ClientMessage read(byte[] utf8) throws Ending {
    try {
      var _ = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8));
      var fields = JsonFields.of(utf8);
      var message = of(fields);
      fields.end();
      return message;
    } catch (CharacterCodingException _) {
      throw new Ending(End.MALFORMED, "the message is not UTF-8");
    } catch (IllegalArgumentException e) { // quotes nothing
      String why = String.valueOf(e.getMessage());
      throw new Ending(
          End.MALFORMED, why.startsWith("it ") ? "the message " + why.substring(3) : why);
    }
  }

  private static ClientMessage of(JsonFields fields) {
    String type = fields.text("type");
    return switch (type == null ? "" : type) {
      case "join" ->
          new Join(fields.text("token"), name(fields), optional(fields, "resume", 1, MAX_ID));
      case "offer", "answer" ->
          new Description(
              String.valueOf(type),
              needed(fields, "to", 1, MAX_ID),
              needed(fields, "sdp", 1, MAX_SDP));
      case "candidate" -> candidate(fields);
      case "refresh" -> Plain.REFRESH;
      case "ping" -> Plain.PING;
      case "leave" -> Plain.LEAVE;
      default -> throw new IllegalArgumentException("type is one of " + String.join(", ", TYPES));
    };
  }

  private static Candidate candidate(JsonFields fields) {
    String to = needed(fields, "to", 1, MAX_ID);
    if (fields.takeNull("candidate")) {
      return new Candidate(to, null);
    }
    var ice = fields.object("candidate");
    if (ice == null) {
      throw new IllegalArgumentException("candidate is an object or null");
    }
    return new Candidate(to, Ice.of(ice));
  }

  private static @Nullable String name(JsonFields fields) {
    String name = optional(fields, "name", 1, MAX_NAME);
    if (name != null && name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("name has no control characters");
    }
    return name;
  }

  private static String needed(JsonFields fields, String name, int min, int max) {
    String text = optional(fields, name, min, max);
    if (text == null) {
      throw new IllegalArgumentException(name + " is needed");
    }
    return text;
  }

  private static @Nullable String optional(JsonFields fields, String name, int min, int max) {
    String text = fields.text(name);
    if (text == null) {
      return null;
    }
    int length = text.codePointCount(0, text.length());
    if (length < min || length > max) {
      throw new IllegalArgumentException(name + " has " + min + " to " + max + " characters");
    }
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException(name + " has half of a surrogate pair");
    }
    return text;
  }
}
