package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Set;
import org.openqa.selenium.Keys;

/// The steps that a person takes on the page; each tells the state that it ends in.
record PageSteps(Chromium chromium) {
  private static final Set<String> PENDING = Set.of("idle", "busy", "connecting");
  private static final int MANY_TABS = 40;

  /// Opens the page and types the key.
  String fetchCredentials(Servers servers, String key) {
    chromium.open(servers);
    chromium.element("#api-key").sendKeys(key, Keys.ENTER);
    return outcome("credentials");
  }

  String gather() {
    chromium.element("#gather").click();
    return outcome("candidates");
  }

  String call() {
    chromium.element("#call").click();
    return outcome("selfcall");
  }

  String sendBytes() {
    chromium.element("#send").click();
    return outcome("transfer-status");
  }

  /// Waits until the step is over, for good or ill.
  String outcome(String step) {
    chromium.await(() -> !PENDING.contains(state(step)));
    return state(step);
  }

  /// Moves on by the tab key, and sees that the focus can be seen wherever it stops.
  void tabTo(String selector) {
    var target = chromium.element(selector);
    for (int i = 0; i < MANY_TABS; i++) {
      chromium.key(Keys.TAB);
      var outline = "return getComputedStyle(document.activeElement).outlineStyle";
      var text = chromium.focused().getText();
      assertNotEquals("none", chromium.evaluate(outline), "the focus cannot be seen on " + text);
      if (chromium.focused().equals(target)) {
        return;
      }
    }
    fail("the tab key does not lead to " + selector);
  }

  private String state(String step) {
    return String.valueOf(chromium.element("#" + step).getDomAttribute("data-state"));
  }
}
