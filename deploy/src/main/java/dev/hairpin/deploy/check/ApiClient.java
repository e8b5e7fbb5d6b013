package dev.hairpin.deploy.check;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/// Asks the API for credentials.
public final class ApiClient {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final URI resource;
  private final String key;
  private final SSLContext trust;

  /// @param base the API's URL, without a slash at the end
  /// @param key an API key; it is not printed
  /// @param trust decides about its certificate
  public ApiClient(URI base, String key, SSLContext trust) {
    this.trust = trust;
    this.resource = URI.create(base + "/v1/ice-servers");
    this.key = key;
  }

  /// Asks for a user of this name, which is one of the letters of a JSON text without quotes.
  public IceServers fetch(String user) throws CheckException, InterruptedException {
    var answer = send(request(user));
    return switch (answer.statusCode()) {
      case 200, 201 -> IceServers.parse(answer.body());
      case 401, 403 ->
          throw new CheckException(
              resource + " answers " + answer.statusCode() + ": the API key is not accepted",
              "name the file of one of the server's keys by --api-key-file");
      default ->
          throw new CheckException(
              resource + " answers " + answer.statusCode(),
              "is --api the URL of Hairpin's credential API?");
    };
  }

  private HttpRequest request(String user) throws CheckException {
    var request =
        HttpRequest.newBuilder(resource)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"user\":\"" + user + "\"}"));
    try {
      return request.header("Authorization", "Bearer " + key).build();
    } catch (IllegalArgumentException _) { // its message quotes the key
      throw new CheckException(
          "the API key has characters that no key has", "name the file of a key by --api-key-file");
    }
  }

  private HttpResponse<String> send(HttpRequest request)
      throws CheckException, InterruptedException {
    try (var client = HttpClient.newBuilder().sslContext(trust).connectTimeout(PATIENCE).build()) {
      return client.send(request, BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new CheckException(
          "nothing answers at " + resource, "is hairpin serve running, and --api its URL?");
    } catch (SSLException e) {
      throw StreamBridge.failure(e);
    } catch (IOException e) {
      throw new CheckException(resource + ": " + e, "is --api the server's URL?");
    }
  }
}
