package dev.hairpin.turnserver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// No use of descriptors starves the other, or the process.
class DescriptorsTest {
  @Test
  void oneUseGetsNineTenthsAndBothTogetherAll() {
    var descriptors = new Descriptors(20);
    assertEquals(20, descriptors.max());
    assertEquals(18, descriptors.share());
    for (int i = 0; i < 18; i++) {
      assertTrue(descriptors.clients.take());
    }
    assertFalse(descriptors.clients.take());
    assertEquals(18, descriptors.clients.open());
    assertTrue(descriptors.relays.take());
    assertTrue(descriptors.relays.take());
    assertFalse(descriptors.relays.take());
    assertEquals(2, descriptors.relays.open());
    descriptors.clients.giveBack();
    assertTrue(descriptors.relays.take());
    assertFalse(descriptors.clients.take());
    descriptors.relays.giveBack();
    assertEquals(2, descriptors.relays.open());
    assertTrue(descriptors.clients.take());
    assertEquals(18, descriptors.clients.open());
  }

  @Test
  void relaysHaveTheirShareToo() {
    var descriptors = new Descriptors(10);
    for (int i = 0; i < 9; i++) {
      assertTrue(descriptors.relays.take());
    }
    assertFalse(descriptors.relays.take());
    assertTrue(descriptors.clients.take());
  }

  @Test
  void theProcessKeepsATenthAndWhatIsOpenAlready() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    if (system instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
      long limit = unix.getMaxFileDescriptorCount();
      int max = Descriptors.ofProcess(0).max();
      long spare = limit - max - unix.getOpenFileDescriptorCount();
      assertTrue(spare >= Math.max(64, limit / 10) - 20, "only " + spare);
      assertTrue(spare <= Math.max(64, limit / 10) + 20, "as many as " + spare);
      assertEquals(100, max - Descriptors.ofProcess(100).max(), 20);
      assertEquals(0, Descriptors.ofProcess(Integer.MAX_VALUE).max());
    }
  }
}
