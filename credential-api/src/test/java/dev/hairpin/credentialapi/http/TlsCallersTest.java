package dev.hairpin.credentialapi.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hairpin.turnserver.net.ListenUrl;
import dev.hairpin.turnserver.net.TransportAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsCallersTest {
  private static final TransportAddress HERE = address("127.0.0.1:8081");
  private static final TransportAddress VIA = address("127.0.0.1:40000");
  private static final TransportAddress ALICE = address("192.0.2.1:1000");
  private static final TransportAddress BOB = address("192.0.2.2:2000");

  private final TlsCallers callers = new TlsCallers(HERE);

  @Test
  void aCallerIsKnownFromTheStartToTheEndOfItsConnection() {
    assertNull(client());
    callers.opened(VIA, ALICE);
    assertEquals(ALICE, client());
    callers.closed(VIA);
    assertNull(client());
  }

  @Test
  void anEndThatIsToldLateDoesNotMakeAStrangerOfTheNextCallerOnThePort() {
    callers.opened(VIA, ALICE);
    callers.opened(VIA, BOB);
    callers.closed(VIA);
    assertEquals(BOB, client());
    callers.closed(VIA);
    assertNull(client());
    callers.closed(VIA);
    assertNull(client());
  }

  @Test
  void onlyConnectionsToItsOwnListenerAreItsCallers() {
    assertTrue(callers.own(HERE.toInetSocketAddress()));
    assertFalse(callers.own(address("127.0.0.1:8080").toInetSocketAddress()));
    assertFalse(callers.own(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1:80", "0.0.0.0:80", "127.0.0.1:0"})
  void anAddressThatOthersReachIsRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> new TlsCallers(address(address)));
  }

  private @Nullable TransportAddress client() {
    return callers.clientAt(VIA.toInetSocketAddress());
  }

  private static TransportAddress address(String text) {
    return ListenUrl.parse("tcp://" + text).address();
  }
}
