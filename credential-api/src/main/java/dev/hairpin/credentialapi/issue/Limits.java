package dev.hairpin.credentialapi.issue;

import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.turnserver.net.IpPrefix;
import io.micronaut.http.HttpStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Puts the limits of a caller and those that it asks for together: of two the stricter holds, and
/// of two lists what both allow.
final class Limits {
  private Limits() {}

  /// @param own limits of the caller, by their names in a username
  /// @param wished what it asks for, likewise
  /// @throws Refusal where the two leave nothing
  static Map<String, String> narrow(Map<String, String> own, Map<String, String> wished) {
    var both = new HashMap<>(own);
    wished.forEach((name, value) -> both.merge(name, value, (a, b) -> stricter(name, a, b)));
    return both;
  }

  private static String stricter(String name, String own, String wished) {
    return switch (name) {
      case "relay-only" -> own;
      case "peers" -> join(name, common(prefixes(own), prefixes(wished)));
      case "transports" -> {
        var transports = new ArrayList<>(items(own));
        transports.retainAll(items(wished));
        yield join(name, transports);
      }
      default -> Long.parseLong(own) < Long.parseLong(wished) ? own : wished;
    };
  }

  /// What lies in a prefix of each: of two that meet, one holds the other.
  private static List<String> common(List<IpPrefix> own, List<IpPrefix> wished) {
    var common = new LinkedHashSet<String>();
    for (var a : own) {
      for (var b : wished) {
        if (holds(a, b)) {
          common.add(b.toString());
        } else if (holds(b, a)) {
          common.add(a.toString());
        }
      }
    }
    return List.copyOf(common);
  }

  private static boolean holds(IpPrefix wide, IpPrefix narrow) {
    return wide.length() <= narrow.length() && wide.contains(narrow.base());
  }

  private static String join(String name, List<String> items) {
    if (items.isEmpty()) { // no list would mean no limit
      throw new Refusal(
          HttpStatus.FORBIDDEN, "the caller's own limits leave none of these " + name);
    }
    return String.join(",", items);
  }

  private static List<String> items(String list) {
    return Arrays.asList(list.split(",", -1));
  }

  private static List<IpPrefix> prefixes(String list) {
    return items(list).stream().map(IpPrefix::parse).toList();
  }
}
