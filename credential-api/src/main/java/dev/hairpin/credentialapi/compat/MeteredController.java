package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.RefusalShape;
import dev.hairpin.credentialapi.issue.Issuance;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Metered, for apps that ask for the servers of an API key.
@Controller(MeteredController.PATH)
@Requires(property = Compatibility.PROPERTIES + "metered")
@Secured("issue")
@Hidden
final class MeteredController implements RefusalShape {
  static final String PATH = "/api/v1/turn/credentials";

  private final Issuance issuance;

  MeteredController(Issuance issuance) {
    this.issuance = issuance;
  }

  @Serdeable
  record Server(String urls, @Nullable String username, @Nullable String credential) {}

  @Get
  List<Server> get(Caller caller) {
    return issuance.issue(caller, null, null).perUrl(Server::new);
  }

  @Override
  public boolean isAt(String path) {
    return path.equals(PATH);
  }

  @Override
  public Object refuse(HttpRequest<?> request, MutableHttpResponse<?> response, String detail) {
    if (response.status() != HttpStatus.UNAUTHORIZED) {
      return Map.of("error", detail);
    }
    if (request.getHeaders().contains(HttpHeaders.AUTHORIZATION)) {
      return Map.of("error", "Invalid API Key");
    }
    response.status(HttpStatus.BAD_REQUEST);
    response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
    return Map.of("error", "Please specify API Key");
  }
}
