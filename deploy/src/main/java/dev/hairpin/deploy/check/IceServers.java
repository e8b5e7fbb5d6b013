package dev.hairpin.deploy.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the API handed out.
public record IceServers(List<Server> servers) {
  /// One URL.
  ///
  /// @param username of a TURN server; null for STUN
  public record Server(IceUrl url, @Nullable String username, @Nullable String credential) {
    @Override
    public String toString() {
      return "Server[" + url.text() + ", " + username + "]";
    }
  }

  /// One entry of the answer's list.
  private static final class Entry {
    private List<String> urls = new ArrayList<>();
    private @Nullable String username;
    private @Nullable String credential;
  }

  static IceServers parse(String json) throws CheckException {
    var entries = new ArrayList<Entry>();
    try (var parser = new JsonFactory().createParser(json)) {
      readAnswer(parser, entries);
    } catch (IOException e) { // its message quotes the answer, and with it the credential
      throw unreadable("the answer is not well-formed JSON");
    }
    var servers = new ArrayList<Server>();
    for (var entry : entries) {
      for (String text : entry.urls) {
        var url = IceUrl.parse(text);
        if (url == null) {
          throw unreadable("the answer names '" + text + "', which is no STUN or TURN URL");
        }
        servers.add(new Server(url, entry.username, entry.credential));
      }
    }
    if (servers.stream().noneMatch(s -> s.url().relays() && s.credential() != null)) {
      throw unreadable("the answer has no turn: URL with a username and a credential");
    }
    return new IceServers(List.copyOf(servers));
  }

  private static void readAnswer(JsonParser parser, List<Entry> entries) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean servers = parser.currentName().equals("iceServers");
      if (parser.nextToken() == JsonToken.START_ARRAY && servers) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          entries.add(readEntry(parser));
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private static Entry readEntry(JsonParser parser) throws IOException {
    var entry = new Entry();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "urls" -> entry.urls = readUrls(parser);
        case "username" -> entry.username = parser.getValueAsString();
        case "credential" -> entry.credential = parser.getValueAsString();
        default -> parser.skipChildren();
      }
    }
    return entry;
  }

  /// One URL or a list of them (W3C WebRTC §4.2.4).
  private static List<String> readUrls(JsonParser parser) throws IOException {
    var urls = new ArrayList<String>();
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      urls.add(parser.getText());
    } else {
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        urls.add(parser.getText());
      }
    }
    return urls;
  }

  private static CheckException unreadable(String problem) {
    return new CheckException(problem, "is the URL that of Hairpin's credential API?");
  }
}
