package dev.hairpin.credentialapi.auth;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksFetcherTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/jwks",
        "https://169.254.1.1/jwks",
        "https://[fd00:ec2::254]/jwks",
        "https://[::ffff:169.254.169.254]/jwks",
        "https://[fe80::1]/jwks",
        "https://100.100.100.200/jwks"
      })
  void whereCloudsKeepTheirSecretsNothingIsFetched(String url) {
    var e = assertThrows(IOException.class, () -> JwksFetcher.fetch(URI.create(url)));
    assertTrue(String.valueOf(e.getMessage()).endsWith("is for the metadata of clouds"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://192.0.2.1/jwks", "http://[2001:db8::1]/jwks"})
  void nothingIsFetchedInTheClearFromElsewhere(String url) {
    var e = assertThrows(IOException.class, () -> JwksFetcher.fetch(URI.create(url)));
    assertTrue(String.valueOf(e.getMessage()).endsWith("is not on this machine"));
  }
}
