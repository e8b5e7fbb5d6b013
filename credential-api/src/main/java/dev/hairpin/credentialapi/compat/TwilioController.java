package dev.hairpin.credentialapi.compat;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hairpin.credentialapi.Compatibility;
import dev.hairpin.credentialapi.auth.Caller;
import dev.hairpin.credentialapi.http.RefusalShape;
import dev.hairpin.credentialapi.issue.Issuance;
import dev.hairpin.credentialapi.issue.Issued;
import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Twilio's Network Traversal Service. The auth token is the key; the account is told back.
@Controller(TwilioController.PATH + "{sid}/Tokens.json")
@Requires(property = Compatibility.PROPERTIES + "twilio")
@Secured("issue")
@Hidden
final class TwilioController implements RefusalShape {
  static final String PATH = "/2010-04-01/Accounts/";

  private static final int UNAUTHORIZED = 401;
  private static final int UNSUPPORTED_MEDIA_TYPE = 415;
  private static final DateTimeFormatter RFC_2822 =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Issuance issuance;
  private final InstantSource clock;

  TwilioController(Issuance issuance, InstantSource clock) {
    this.issuance = issuance;
    this.clock = clock;
  }

  @Serdeable
  record Server(String url, String urls, @Nullable String username, @Nullable String credential) {}

  @Serdeable
  record Token(
      String username,
      String password,
      String ttl,
      @JsonProperty("account_sid") String accountSid,
      @JsonProperty("ice_servers") List<Server> iceServers,
      @JsonProperty("date_created") String dateCreated,
      @JsonProperty("date_updated") String dateUpdated) {}

  /// What Twilio's libraries make their exception of.
  @Serdeable
  record Failure(
      int code, String message, @JsonProperty("more_info") String moreInfo, int status) {}

  @Post(consumes = MediaType.APPLICATION_FORM_URLENCODED)
  HttpResponse<Token> create(
      Caller caller, @PathVariable String sid, @Body @Nullable Map<String, Object> form) {
    Issued issued = issuance.issue(caller, null, form == null ? null : form.get("Ttl"));
    String now = RFC_2822.format(clock.instant());
    return HttpResponse.created(
        new Token(
            issued.username(),
            issued.password(),
            Long.toString(issued.ttlSeconds()),
            sid,
            issued.perUrl((url, user, password) -> new Server(url, url, user, password)),
            now,
            now));
  }

  @Override
  public boolean isAt(String path) {
    return path.startsWith(PATH);
  }

  @Override
  public Object refuse(HttpRequest<?> request, MutableHttpResponse<?> response, String detail) {
    int status = response.code();
    int code = status == UNAUTHORIZED ? 20003 : 20001;
    String message =
        switch (status) {
          case UNAUTHORIZED -> "Authenticate";
          case UNSUPPORTED_MEDIA_TYPE -> "a body must be " + MediaType.APPLICATION_FORM_URLENCODED;
          default -> detail;
        };
    if (status == UNAUTHORIZED) {
      response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, ProviderKeys.BASIC_CHALLENGE);
    }
    return new Failure(code, message, "https://www.twilio.com/docs/errors/" + code, status);
  }
}
