package dev.hairpin.credentialapi.compat;

import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.Refusal;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.issue.Issued;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.List;
import java.util.Set;

/// The authentication service of STUNner, but for callers that are known.
@Controller(StunnerController.PATH)
@Requires(property = Compatibility.PROPERTIES + "stunner")
@Secured("issue")
@Hidden
final class StunnerController {
  static final String PATH = "/ice";

  private static final Set<String> POLICIES = Set.of("all", "public", "relay");

  private final Issuance issuance;

  StunnerController(Issuance issuance) {
    this.issuance = issuance;
  }

  @Serdeable
  record Server(String username, String credential, List<String> urls) {}

  @Serdeable
  record Answer(List<Server> iceServers, String iceTransportPolicy) {}

  @Get
  Answer get(Caller caller, HttpRequest<?> request) {
    var query = new Query(request.getParameters());
    query.requireTurn();
    String wish = query.find("iceTransportPolicy");
    String policy = wish == null ? "all" : wish;
    if (!POLICIES.contains(policy)) {
      throw Refusal.badRequest("iceTransportPolicy is all, public or relay");
    }
    Issued issued = issuance.issue(caller, query.find("username"), query.find("ttl"));
    var server = new Server(issued.username(), issued.password(), issued.turnUrls());
    return new Answer(List.of(server), policy);
  }
}
