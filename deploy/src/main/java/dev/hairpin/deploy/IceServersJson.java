package dev.hairpin.deploy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.hairpin.deploy.serve.HandedOutUrls;
import dev.hairpin.turnserver.credential.Credential;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/// A credential in the form of the API's answer.
final class IceServersJson {
  private IceServersJson() {}

  static String write(HandedOutUrls urls, Credential credential, Duration ttl) {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeArrayFieldStart("iceServers");
      if (!urls.stun().isEmpty()) {
        json.writeStartObject();
        writeUrls(json, urls.stun());
        json.writeEndObject();
      }
      json.writeStartObject();
      writeUrls(json, urls.turn());
      json.writeStringField("username", credential.username());
      json.writeStringField("credential", credential.password());
      json.writeEndObject();
      json.writeEndArray();
      json.writeNumberField("ttl", ttl.toSeconds());
      json.writeStringField("expiresAt", credential.expiresAt().toString());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text + "\n";
  }

  private static void writeUrls(JsonGenerator json, List<String> urls) throws IOException {
    json.writeArrayFieldStart("urls");
    for (String url : urls) {
      json.writeString(url);
    }
    json.writeEndArray();
  }
}
