package dev.hairpin.credentialapi.auth;

import com.nimbusds.jose.jwk.JWKSet;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Fetches a set of keys, within bounds: no redirect, no proxy, three seconds in all, 256 KiB, and
/// never from where a cloud keeps the secrets of its machines.
final class JwksFetcher {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int MAX_BYTES = 256 << 10;
  private static final int OK = 200;

  /// Where machines of a cloud get their keys, and all that is link-local.
  private static final List<IpPrefix> METADATA =
      Stream.of(
              "169.254.0.0/16",
              "fe80::/10",
              "fd00:ec2::/32", // AWS
              "fd20:ce::/32", // Google Cloud
              "100.100.100.200", // Alibaba Cloud
              "168.63.129.16", // Azure
              "192.0.0.192") // Oracle Cloud
          .map(IpPrefix::parse)
          .toList();

  private JwksFetcher() {}

  /// Waits; not for an event loop.
  static JWKSet fetch(URI url) throws IOException {
    for (var address : InetAddress.getAllByName(url.getHost())) { // what connects asks the cache
      requireUsable(url, address);
    }
    var request =
        HttpRequest.newBuilder(url).timeout(PATIENCE).header("Accept", "application/json").build();
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(PATIENCE)
            .build();
    try {
      var answer =
          client
              .sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES))
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != OK) {
        throw new IOException("its status is " + answer.statusCode());
      }
      return JWKSet.parse(new String(answer.body(), StandardCharsets.UTF_8));
    } catch (ParseException | IllegalArgumentException _) { // its message quotes the answer
      throw new IOException("it is no set of keys");
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("it takes longer than " + PATIENCE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      client.shutdownNow();
    }
  }

  private static void requireUsable(URI url, InetAddress address) throws IOException {
    if (METADATA.stream().anyMatch(prefix -> prefix.contains(IpAddress.of(address)))) {
      throw new IOException(address.getHostAddress() + " is for the metadata of clouds");
    }
    if ("http".equals(url.getScheme()) && !address.isLoopbackAddress()) {
      throw new IOException(address.getHostAddress() + " is not on this machine");
    }
  }
}
