package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.RefusalShape;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.issue.Issued;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Put;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Xirsys 3. The secret is the key; channels are theirs alone.
@Controller(XirsysController.PATH + "{+channel}")
@Requires(property = Compatibility.PROPERTIES + "xirsys")
@Secured("issue")
@Hidden
final class XirsysController implements RefusalShape {
  static final String PATH = "/_turn/";

  private final Issuance issuance;

  XirsysController(Issuance issuance) {
    this.issuance = issuance;
  }

  /// @param expire in seconds, a string or a number
  @Serdeable
  record Wish(@Nullable String format, @Nullable Object expire) {}

  @Serdeable
  record OneServer(String username, String credential, List<String> urls) {}

  /// As browsers wanted it before `urls`.
  @Serdeable
  record Server(String url, @Nullable String username, @Nullable String credential) {}

  /// @param iceServers a [OneServer], or a list of [Server]
  @Serdeable
  record Servers(Object iceServers) {}

  /// @param v what was asked for, or why it was refused
  /// @param s `ok` or `error`
  @Serdeable
  record Answer(Object v, String s) {}

  @Put
  Answer put(Caller caller, @PathVariable String channel, @Body @Nullable Wish wish) {
    var asked = wish == null ? new Wish(null, null) : wish;
    Issued issued = issuance.issue(caller, null, asked.expire());
    Object servers =
        "urls".equals(asked.format())
            ? new OneServer(issued.username(), issued.password(), issued.urls())
            : issued.perUrl(Server::new);
    return new Answer(new Servers(servers), "ok");
  }

  @Override
  public boolean isAt(String path) {
    return path.startsWith(PATH);
  }

  @Override
  public Object refuse(HttpRequest<?> request, MutableHttpResponse<?> response, String detail) {
    if (response.status() != HttpStatus.UNAUTHORIZED) {
      return new Answer(detail, "error");
    }
    response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, ProviderKeys.BASIC_CHALLENGE);
    return new Answer("unauthorized", "error");
  }
}
