package dev.hairpin.credentialapi.storage;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where usage is stored.
public sealed interface Database {
  /// Files of H2, which this process alone opens.
  ///
  /// @param folder is made where it is missing, for the owner alone
  record Embedded(Path folder) implements Database {}

  /// PostgreSQL, which several processes may share. Never printed whole.
  ///
  /// @param url as PostgreSQL's JDBC driver reads it, without user and password
  record Server(String url, @Nullable String user, @Nullable String password) implements Database {
    private static final Pattern FORM =
        Pattern.compile(
            "jdbc:postgresql://[A-Za-z0-9.:,_\\[\\]-]*/[^?@&#\\s]+(\\?(?<parameters>[^?#\\s]*))?");

    private static final Pattern CREDENTIALS =
        Pattern.compile("(^|&)[^=&]*(user|pass|%)[^=&]*=.*", Pattern.CASE_INSENSITIVE);

    public Server {
      requireForm(url);
    }

    /// Checks a URL.
    ///
    /// @throws IllegalArgumentException that does not quote the URL, which may hold a password
    public static void requireForm(String url) {
      var form = FORM.matcher(url);
      if (!form.matches()) {
        throw new IllegalArgumentException("this is no URL like jdbc:postgresql://HOST:PORT/NAME");
      }
      String parameters = form.group("parameters");
      if (parameters != null && CREDENTIALS.matcher(parameters).find()) {
        throw new IllegalArgumentException("user and password do not stand in the URL");
      }
    }

    @Override
    public String toString() {
      return "Server[" + url + "]";
    }
  }
}
