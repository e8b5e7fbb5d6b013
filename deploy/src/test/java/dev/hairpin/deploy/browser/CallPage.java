package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.openqa.selenium.Keys;

/// What one person does on the call page, in a window of their own.
record CallPage(Chromium chromium, String window) {
  /// One line for each link: its state and by what this end goes. The far end may be `prflx`, where
  /// its packets were faster than its candidates; what it is it says itself.
  private static final String LINKS =
      """
      return [...document.querySelectorAll('.tile[data-state]')]
        .map(({ dataset }) => [dataset.state, dataset.local].join(' '));
      """;

  private static final String FRAMES =
      """
      return [...document.querySelectorAll('.tile[data-state]')]
        .map(({ dataset }) => Number(dataset.frames ?? 0));
      """;

  /// Waits before the page, with neither key nor link.
  static CallPage atTheDoor(Chromium chromium, URI site) {
    return atTheDoor(chromium, site.resolve("/call.html").toString());
  }

  /// Waits before the page, with a link.
  static CallPage atTheDoor(Chromium chromium, String link) {
    var window = chromium.openWindow();
    chromium.open(URI.create(link));
    return new CallPage(chromium, window);
  }

  /// Comes in by an API key, which makes the room's link.
  static CallPage inviting(Chromium chromium, URI site, String name) {
    var page = atTheDoor(chromium, site);
    page.identify(Servers.API_KEY);
    page.join(name);
    return page;
  }

  /// Comes in by the link alone.
  static CallPage invited(Chromium chromium, String link, String name) {
    var page = atTheDoor(chromium, link);
    page.join(name);
    return page;
  }

  void identify(String key) {
    here().element("#api-key").sendKeys(key);
    chromium.element("#room").sendKeys("standup");
  }

  /// Goes by the relay alone, and is in the room.
  void join(String name) {
    here().element("#name").sendKeys(name);
    chromium.element("[name=policy][value=relay]").click();
    chromium.element("#join").click();
    awaitText("#stage-status", "here");
  }

  String link() {
    return String.valueOf(here().evaluate("return document.getElementById('link').value"));
  }

  /// Waits until pictures of so many others come in, all of them by the relay.
  void awaitPictures(int count) {
    var expected = Collections.nCopies(count, "connected relay");
    here().await(() -> chromium.evaluate(LINKS).equals(expected));
    var before = frames();
    chromium.await(
        () -> {
          var now = frames();
          return now.size() == count
              && before.size() == count
              && java.util.stream.IntStream.range(0, count)
                  .allMatch(i -> now.get(i) > before.get(i));
        });
  }

  private List<Long> frames() {
    return ((List<?>) chromium.evaluate(FRAMES))
        .stream().map(n -> ((Number) n).longValue()).toList();
  }

  void say(String words) {
    here().element("#message").sendKeys(words, Keys.ENTER);
  }

  void sendFile(Path file) {
    here().element("#file").sendKeys(file.toString());
  }

  void leave() {
    here().element("#leave").click();
    awaitText("#entry-status", "You left.");
  }

  void awaitText(String selector, String words) {
    here().await(() -> chromium.text(selector).contains(words));
  }

  void assertNoComplaints() {
    var complaints = here().complaints();
    assertTrue(complaints.isEmpty(), complaints::toString);
  }

  /// The browser, with this window in front.
  Chromium here() {
    chromium.goTo(window);
    return chromium;
  }
}
