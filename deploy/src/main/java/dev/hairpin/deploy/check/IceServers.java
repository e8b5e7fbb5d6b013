package dev.hairpin.deploy.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the API handed out, as far as a client by UDP needs it.
///
/// @param stun the server of the first `stun:` URL
/// @param turn the server of the first `turn:` URL that is reached by UDP
record IceServers(
    InetSocketAddress stun, InetSocketAddress turn, String username, String credential) {
  private static final int DEFAULT_PORT = 3478;
  private static final Pattern URL =
      Pattern.compile(
          "(stun|turn):(\\[[0-9A-Fa-f:.]+]|[^:?\\[\\]]+)(?::([0-9]{1,5}))?(\\?transport=udp)?");

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
    for (var entry : entries) {
      var turn = first(entry.urls, "turn");
      if (turn != null && entry.username != null && entry.credential != null) {
        var stun = entries.stream().flatMap(e -> e.urls.stream()).toList();
        var stunServer = first(stun, "stun");
        return new IceServers(
            stunServer == null ? turn : stunServer, turn, entry.username, entry.credential);
      }
    }
    throw unreadable("the answer has no turn: URL for UDP with a username and a credential");
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

  private static @Nullable InetSocketAddress first(List<String> urls, String scheme)
      throws CheckException {
    for (String url : urls) {
      var form = URL.matcher(url);
      if (form.matches() && form.group(1).equals(scheme)) {
        return resolve(form);
      }
    }
    return null;
  }

  private static InetSocketAddress resolve(Matcher url) throws CheckException {
    String host = url.group(2);
    int port = url.group(3) == null ? DEFAULT_PORT : Integer.parseInt(url.group(3));
    var address = port > 65535 ? null : new InetSocketAddress(host, port);
    if (address == null || address.isUnresolved()) {
      throw new CheckException(
          url.group() + " leads nowhere",
          "correct api.public-host, or the name's entry in the DNS");
    }
    return address;
  }

  private static CheckException unreadable(String problem) {
    return new CheckException(problem, "is the URL that of Hairpin's credential API?");
  }

  @Override
  public String toString() {
    return "IceServers[" + stun + ", " + turn + ", " + username + "]";
  }
}
