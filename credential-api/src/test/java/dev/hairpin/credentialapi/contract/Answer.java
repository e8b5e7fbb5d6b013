package dev.hairpin.credentialapi.contract;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What came back.
///
/// @param headers by their names in lower case
record Answer(int status, Map<String, String> headers, String body) {
  static Answer of(HttpResponse<String> response) {
    return new Answer(response.statusCode(), headers(response), response.body());
  }

  static Map<String, String> headers(HttpResponse<?> response) {
    var headers = new TreeMap<String, String>();
    response.headers().map().forEach((name, values) -> headers.put(lower(name), values.getFirst()));
    return headers;
  }

  /// Reads a whole answer of HTTP/1.1.
  static Answer parse(String text) {
    String[] parts = text.split("\r\n\r\n", 2);
    List<String> lines = parts[0].lines().toList();
    var headers =
        lines.stream()
            .skip(1)
            .map(line -> line.split(": ", 2))
            .collect(Collectors.toMap(line -> lower(line[0]), line -> line[1]));
    return new Answer(Integer.parseInt(lines.getFirst().split(" ", 3)[1]), headers, parts[1]);
  }

  String type() {
    return headers.getOrDefault("content-type", "").replaceFirst(";.*", "");
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
