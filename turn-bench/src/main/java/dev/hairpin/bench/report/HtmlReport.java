package dev.hairpin.bench.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// Writes a run of the bench as one HTML file that needs nothing beside itself: style, script and
/// figures are within. Its policy lets exactly that style and that script work; there is no way to
/// the network.
public final class HtmlReport {
  private HtmlReport() {}

  /// The page of one run.
  ///
  /// @param json in the form that docs/bench.md describes
  public static String render(String json) {
    String style = resource("report.css");
    String script = resource("numbers.js") + resource("plot.js") + resource("page.js");
    String policy =
        "default-src 'none'; base-uri 'none'; form-action 'none'; trusted-types 'none';"
            + " require-trusted-types-for 'script'; style-src "
            + hash(style)
            + "; script-src "
            + hash(script);
    return resource("report.html")
        .replace("{policy}", policy)
        .replace("{style}", style)
        .replace("{script}", script)
        .replace("{data}", inert(json)); // the last, for it may hold anything
  }

  /// The same JSON, in which no tag begins: outside of strings there is none.
  private static String inert(String json) {
    return json.replace("<", "\\u003c");
  }

  private static String hash(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      byte[] sum = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(sum) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (var in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
