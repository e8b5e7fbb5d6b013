package dev.hairpin.turnserver.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AddressTableTest {
  @Test
  void itAgreesWithAHashMapThroughEveryMixOfChanges() {
    var random = new Random(7);
    var table = new AddressTable<Integer>();
    Map<TransportAddress, Integer> model = new HashMap<>();
    for (int i = 0; i < 300_000; i++) {
      int phase = i / 50_000; // grows, shrinks, grows…
      var key = key(random.nextInt(3_000));
      if (random.nextInt(4) < (phase % 2 == 0 ? 3 : 1)) {
        table.put(key, i);
        model.put(key, i);
      } else {
        table.remove(key);
        model.remove(key);
      }
      var asked = key(random.nextInt(3_000));
      assertEquals(model.get(asked), table.get(asked.ip().high(), asked.ip().low(), asked.port()));
      assertEquals(model.size(), table.size());
    }
    var left = new ArrayList<Integer>();
    table.stream().forEach(left::add);
    assertEquals(new HashSet<>(model.values()), new HashSet<>(left));
  }

  @Test
  void addressPortAndFamilyAllCount() {
    var table = new AddressTable<String>();
    table.put(new TransportAddress(IpAddress.parse("192.0.2.1"), 1), "a");
    assertNull(get(table, "192.0.2.1", 2));
    assertNull(get(table, "192.0.2.2", 1));
    assertNull(get(table, "::192.0.2.1", 1));
    assertEquals("a", get(table, "192.0.2.1", 1));
  }

  /// Whoever could foresee the places could choose addresses that all take the same.
  @Test
  void whereAnAddressLiesNobodyCanForesee() {
    assertNotEquals(orderOfThousand(), orderOfThousand());
  }

  private static List<Integer> orderOfThousand() {
    var table = new AddressTable<Integer>();
    for (int i = 0; i < 1_000; i++) {
      table.put(key(i), i);
    }
    var order = new ArrayList<Integer>();
    table.stream().forEach(order::add);
    return order;
  }

  private static @Nullable String get(AddressTable<String> table, String ip, int port) {
    var address = IpAddress.parse(ip);
    return table.get(address.high(), address.low(), port);
  }

  /// Neighbouring addresses and ports, as a NAT shows them: what a weak hash clusters.
  private static TransportAddress key(int n) {
    var ip = n % 3 == 0 ? new IpAddress(0x20010db8L << 32, n / 100) : IpAddress.ofIpv4(n / 100);
    return new TransportAddress(ip, 1_000 + n % 100);
  }
}
