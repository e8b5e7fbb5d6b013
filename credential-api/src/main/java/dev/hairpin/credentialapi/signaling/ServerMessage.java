package dev.hairpin.credentialapi.signaling;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.hairpin.credentialapi.issue.IceServers;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Writes what the server says.
final class ServerMessage {
  static final String PONG = write("pong", _ -> {});
  static final String FULL = write("full", _ -> {});

  private ServerMessage() {}

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static String write(String type, Fields fields) {
    var text = new StringWriter();
    try (var json = Json.FACTORY.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("type", type);
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static final class Json {
    static final JsonFactory FACTORY = new JsonFactory();
  }

  /// @param others in the order of their joining
  static String welcome(
      Participant you,
      Collection<Participant> others,
      IceServers servers,
      String resume,
      boolean isResumed,
      int size) {
    return write(
        "welcome",
        json -> {
          json.writeStringField("room", you.room().name());
          json.writeFieldName("you");
          participant(json, you);
          json.writeArrayFieldStart("participants");
          for (var other : others) {
            participant(json, other);
          }
          json.writeEndArray();
          servers(json, servers);
          json.writeStringField("resume", resume);
          json.writeBooleanField("resumed", isResumed);
          json.writeNumberField("heartbeat", Rooms.HEARTBEAT.toSeconds());
          json.writeNumberField("size", size);
        });
  }

  static String credentials(IceServers servers) {
    return write("credentials", json -> servers(json, servers));
  }

  private static void servers(JsonGenerator json, IceServers servers) throws IOException {
    json.writeArrayFieldStart("iceServers");
    for (var server : servers.iceServers()) {
      json.writeStartObject();
      json.writeArrayFieldStart("urls");
      for (String url : server.urls()) {
        json.writeString(url);
      }
      json.writeEndArray();
      if (server.username() != null) {
        json.writeStringField("username", server.username());
        json.writeStringField("credential", server.credential());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("expiresAt", servers.expiresAt().toString());
    json.writeNumberField("ttl", servers.ttl());
  }

  private static void participant(JsonGenerator json, Participant who) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", who.id());
    json.writeStringField("name", who.name());
    json.writeEndObject();
  }

  static String joined(Participant who) {
    return write(
        "joined",
        json -> {
          json.writeFieldName("participant");
          participant(json, who);
        });
  }

  static String left(Participant who, Participant.Departure why) {
    return write(
        "left",
        json -> {
          json.writeStringField("participant", who.id());
          json.writeStringField("reason", why.text());
        });
  }

  static String description(String from, ClientMessage.Description description) {
    return write(
        description.type(),
        json -> {
          json.writeStringField("from", from);
          json.writeStringField("sdp", description.sdp());
        });
  }

  static String candidate(String from, ClientMessage.@Nullable Ice ice) {
    return write(
        "candidate",
        json -> {
          json.writeStringField("from", from);
          if (ice == null) {
            json.writeNullField("candidate");
            return;
          }
          json.writeObjectFieldStart("candidate");
          json.writeStringField("candidate", ice.candidate());
          json.writeStringField("sdpMid", ice.sdpMid());
          json.writeFieldName("sdpMLineIndex");
          if (ice.sdpMLineIndex() == null) {
            json.writeNull();
          } else {
            json.writeNumber(ice.sdpMLineIndex());
          }
          json.writeStringField("usernameFragment", ice.usernameFragment());
          json.writeEndObject();
        });
  }

  static String problem(String code, String detail, @Nullable String to) {
    return write(
        "problem",
        json -> {
          json.writeStringField("code", code);
          json.writeStringField("detail", detail);
          if (to != null) {
            json.writeStringField("to", to);
          }
        });
  }
}
