package dev.hairpin.deploy.config;

import dev.hairpin.turnserver.loop.ServiceSettings;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.PortRange;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.relay.ExternalAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/// How a value is written: in the file and on the command line alike.
///
/// @param name what the documentation calls it, with unit and range
/// @param remedy what to do about a value that cannot be read
/// @param reader throws `IllegalArgumentException` with the reason where a text is not of the form
/// @param writer gives a text that the reader takes
public record Format<T>(
    String name, String remedy, Function<String, T> reader, Function<T, String> writer) {
  public static final Format<String> TEXT =
      new Format<>("text", "write some text", Function.identity(), Function.identity());

  public static final Format<String> DNS_NAME =
      new Format<>(
          "DNS name of at most 255 letters, digits, hyphens and dots",
          "write a name like turn.example.org, an international one by its A-labels",
          ServiceSettings::requireDnsName,
          Function.identity());

  public static final Format<Boolean> TRUTH =
      new Format<>(
          "true | false", "write true or false", Format::readTruth, value -> value.toString());

  public static final Format<Path> FILE =
      new Format<>("path", "write a path", Path::of, Path::toString);

  public static final Format<IpAddress> ADDRESS =
      new Format<>(
          "IP address",
          "write an address like 192.0.2.1 or 2001:db8::1",
          IpAddress::parse,
          IpAddress::toString);

  public static final Format<ExternalAddress> EXTERNAL_ADDRESS =
      new Format<>(
          "`ADDRESS` or `ADDRESS/LOCAL`",
          "write an address like 203.0.113.7, or with its relay address 203.0.113.7/10.0.0.5",
          ExternalAddress::parse,
          ExternalAddress::toString);

  public static final Format<IpPrefix> PREFIX =
      new Format<>(
          "CIDR prefix",
          "write a prefix like 10.0.0.0/8 or 2001:db8::/32",
          IpPrefix::parse,
          IpPrefix::toString);

  public static final Format<PortRange> PORTS =
      new Format<>(
          "port range within 1024-65535",
          "write two ports like 49152-65535",
          PortRange::parse,
          PortRange::toString);

  public static final Format<PortRange> ANY_PORTS =
      new Format<>(
          "port or port range within 0-65535",
          "write a port like 53 or two like 0-1023",
          PortRange::parseAny,
          ports -> ports.size() == 1 ? String.valueOf(ports.first()) : ports.toString());

  public static final Format<ListenUrl> LISTENER =
      new Format<>(
          "`udp://`, `tcp://`, `tls://` or `dtls://ADDRESS:PORT`",
          "write udp://ADDRESS:PORT, or tcp, tls or dtls, with a numeric address",
          ListenUrl::parse,
          ListenUrl::toString);

  public static final Format<TransportAddress> SERVER =
      new Format<>(
          "`ADDRESS:PORT`",
          "write ADDRESS:PORT with a numeric address",
          text -> ListenUrl.parse("udp://" + text).address(),
          TransportAddress::toString);

  /// Reads a value of a key.
  ///
  /// @throws ConfigException that blames the origin
  public T read(String text, Origin origin, String key) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw ConfigException.at(origin, key, String.valueOf(e.getMessage()), remedy);
    }
  }

  public static Format<Integer> wholeNumber(int min, int max) {
    String range = min + " to " + max;
    return new Format<>(
        "number, " + range,
        "write a whole number from " + range,
        text -> readNumber(text, min, max),
        String::valueOf);
  }

  public static Format<Duration> duration(Duration min, Duration max) {
    String range = Durations.write(min) + " to " + Durations.write(max);
    return new Format<>(
        "duration, " + range,
        "write a number with s, m, h or d, from " + range,
        text -> readDuration(text, min, max),
        Durations::write);
  }

  /// The constants of an enum, in small letters, words joined by dashes.
  public static <E extends Enum<E>> Format<E> choice(Class<E> type) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(Format::choiceName)
            .collect(Collectors.joining(" | "));
    return new Format<>(
        names, "write one of " + names, text -> readChoice(text, type), Format::choiceName);
  }

  private static boolean readTruth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static int readNumber(String text, int min, int max) {
    boolean digits =
        !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits) {
      throw new IllegalArgumentException("'" + text + "' is not a whole number");
    }
    int number = Integer.parseInt(text);
    if (number < min || number > max) {
      throw new IllegalArgumentException(text + " is out of range");
    }
    return number;
  }

  private static Duration readDuration(String text, Duration min, Duration max) {
    var duration = Durations.read(text);
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw new IllegalArgumentException(text + " is out of range");
    }
    return duration;
  }

  private static <E extends Enum<E>> E readChoice(String text, Class<E> type) {
    for (E constant : type.getEnumConstants()) {
      if (choiceName(constant).equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not known");
  }

  static String choiceName(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
