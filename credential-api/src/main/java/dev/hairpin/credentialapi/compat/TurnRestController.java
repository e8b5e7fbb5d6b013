package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.issue.Issued;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;

/// draft-uberti-behave-turn-rest-00 §2. By POST the parameters stand in the query too: so Janus
/// sends them, and says them once more in a body that is not read.
@Controller(TurnRestController.PATH)
@Requires(property = Compatibility.PROPERTIES + "turn-rest")
@Secured("issue")
@Hidden
final class TurnRestController {
  static final String PATH = "/turn";

  private final Issuance issuance;

  TurnRestController(Issuance issuance) {
    this.issuance = issuance;
  }

  @Serdeable
  record Answer(String username, String password, long ttl, List<String> uris) {}

  @Get
  Answer get(Caller caller, HttpRequest<?> request) {
    return answer(caller, new Query(request.getParameters()));
  }

  @Post(consumes = MediaType.ALL)
  Answer post(Caller caller, HttpRequest<?> request) {
    return answer(caller, new Query(request.getParameters()));
  }

  private Answer answer(Caller caller, Query query) {
    query.requireTurn();
    Issued issued = issuance.issue(caller, query.find("username"), null);
    return new Answer(issued.username(), issued.password(), issued.ttlSeconds(), issued.turnUrls());
  }
}
