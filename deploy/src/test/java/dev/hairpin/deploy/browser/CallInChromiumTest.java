package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/// Calls of several people on the call page, each in a window of Chromium.
class CallInChromiumTest {
  private static final String OWN_PICTURE =
      """
      const stream = document.querySelector('[data-id=self] video').srcObject;
      return stream?.getVideoTracks().at(0)?.readyState ?? 'none';
      """;

  /// As the camera's picture is, and the screen's is not.
  private static final String IS_WIDE =
      """
      const { videoWidth, videoHeight } = document.querySelector('.tile[data-state] video');
      return videoWidth > videoHeight * 1.5;
      """;

  /// A screen that is square; Chromium's false one has the shape of its false camera.
  private static final String PUT_SCREEN =
      """
      const screen = document.createElement('canvas');
      screen.width = screen.height = 400;
      const pen = screen.getContext('2d');
      setInterval(() => pen.fillRect(Math.random() * 400, Math.random() * 400, 9, 9), 50);
      navigator.mediaDevices.getDisplayMedia = async () => screen.captureStream(20);
      return 0;
      """;

  private static final String REFUSE_DEVICES =
      """
      navigator.mediaDevices.getUserMedia = async ({ video }) => {
        throw new DOMException('', video ? 'NotAllowedError' : 'NotReadableError');
      };
      return 0;
      """;

  private final Path folder;
  private final Servers servers = Servers.start();
  private final Chromium chromium;

  CallInChromiumTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    chromium = Chromium.withDevices(Files.createDirectory(folder.resolve("chromium")));
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  @Test
  void fourPeopleSeeEachOtherTalkAndSendFilesAndOthersComeAndGo() throws IOException {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    String link = alice.link();
    var bob = CallPage.invited(chromium, link, "Bob");
    var carol = CallPage.invited(chromium, link, "Carol");
    var dave = CallPage.invited(chromium, link, "Dave");
    List.of(alice, bob, carol, dave).forEach(page -> page.awaitPictures(3));

    alice.say("Good morning");
    List.of(bob, carol, dave).forEach(page -> page.awaitText("#talk-log", "Alice Good morning"));
    bob.sendFile(randomFile(1_000_000));
    List.of(alice, carol, dave)
        .forEach(page -> page.awaitText("#talk-log", "Save photo.bin (1.0 MB, SHA-256 matches)"));
    bob.awaitText("#talk-log", "Dave: SHA-256 matches");
    alice.here().screenshot("call");

    dave.leave();
    List.of(alice, bob, carol).forEach(page -> page.awaitText("#stage-status", "Dave left."));
    var eve = CallPage.invited(chromium, link, "Eve");
    var present = List.of(alice, bob, carol, eve);
    present.forEach(page -> page.awaitPictures(3));
    present.forEach(CallPage::assertNoComplaints);
  }

  private Path randomFile(int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return Files.write(folder.resolve("photo.bin"), bytes);
  }

  @Test
  void thePictureMayEndAndComeAgain() {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    var bob = CallPage.invited(chromium, alice.link(), "Bob");
    alice.awaitPictures(1);
    bob.here().element("#camera-off").click();
    alice.here().await(() -> !chromium.elements(".tile[data-state][data-picture=none]").isEmpty());
    bob.here().element("#camera-off").click();
    alice
        .here()
        .await(() -> !chromium.elements(".tile[data-state][data-picture=moving]").isEmpty());
    alice.awaitPictures(1);
  }

  @Test
  void aCameraThatIsOffStaysOffWhateverIsChosen() {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    alice.here().element("#camera-off").click();
    chromium.await(() -> chromium.evaluate(OWN_PICTURE).equals("none"));
    chromium.element("summary").click();
    chromium.evaluate("document.querySelector('#camera option').className = 'former'; return 0");
    chromium.element("#camera option[value=test]").click();
    chromium.await(() -> chromium.elements(".former").isEmpty()); // listed anew, at the end of it
    assertEquals("none", chromium.evaluate(OWN_PICTURE));
    chromium.element("#camera-off").click();
    chromium.await(() -> chromium.evaluate(OWN_PICTURE).equals("live"));
  }

  @Test
  void theNextCallBeginsAsTheFirstDid() {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    for (String button : List.of("#mute", "#camera-off")) {
      chromium.element(button).click();
      chromium.await(() -> isPressed(button));
    }
    alice.leave();
    alice.join("");
    assertFalse(isPressed("#mute") || isPressed("#camera-off"));
    assertEquals("live", chromium.evaluate(OWN_PICTURE));
  }

  private boolean isPressed(String button) {
    return "true".equals(chromium.element(button).getDomAttribute("aria-pressed"));
  }

  @Test
  void theScreenTakesTheCamerasPlaceUntilItIsSharedNoMore() {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    var bob = CallPage.invited(chromium, alice.link(), "Bob");
    alice.awaitPictures(1);
    alice.here().await(() -> chromium.evaluate(IS_WIDE).equals(true));
    bob.here().evaluate(PUT_SCREEN);
    chromium.element("#share-screen").click();
    chromium.await(() -> isPressed("#share-screen"));
    alice.here().await(() -> chromium.evaluate(IS_WIDE).equals(false));
    alice.awaitPictures(1);
    bob.here().element("#share-screen").click();
    chromium.await(() -> !isPressed("#share-screen"));
    alice.here().await(() -> chromium.evaluate(IS_WIDE).equals(true));
    alice.awaitPictures(1);
  }

  @Test
  void whoHasNoDevicesReceivesAllTheSame() {
    var alice = CallPage.inviting(chromium, servers.page(), "Alice");
    var bob = CallPage.atTheDoor(chromium, alice.link());
    bob.here()
        .evaluate(
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined }); return 0");
    bob.here().element("#join").click();
    bob.awaitText("#devices-status", "this page did not come by HTTPS");
    bob.join("Bob");
    bob.awaitPictures(1);
    alice.awaitText(".tile[data-state]", "Bob");
    assertEquals("none", chromium.element(".tile[data-state]").getDomAttribute("data-picture"));
  }

  @Test
  void whereTheBrowserRefusesDevicesThePageSaysWhatHelpsAndGoesOnWithout() {
    var alice = CallPage.atTheDoor(chromium, servers.page());
    chromium.evaluate(REFUSE_DEVICES);
    alice.identify(Servers.API_KEY);
    chromium.element("#join").click();
    alice.awaitText("#devices-status", "Camera: the browser may not use it. Allow it by the sign");
    alice.awaitText("#devices-status", "Microphone: another program uses it.");
    alice.awaitText("#devices-status", "“No sound” is chosen.");
    alice.join("Alice");
  }

  @Test
  void aWrongKeyAndAWrongLinkAreSaid() {
    var stranger = CallPage.atTheDoor(chromium, servers.page());
    stranger.identify("no such key");
    chromium.element("#join").click();
    stranger.awaitText("#entry-status", "401");
    var lost = CallPage.atTheDoor(chromium, servers.page() + "call.html#no.such.token");
    chromium.element("#join").click();
    lost.awaitText("#entry-status", "This link is none of this server.");
  }

  @Test
  void theKeyStaysInItsFieldAndGoesWhenItWasUsed() {
    CallPage.inviting(chromium, servers.page(), "Alice");
    assertEquals("", chromium.evaluate("return document.getElementById('api-key').value"));
    assertEquals(0L, chromium.evaluate("return localStorage.length + sessionStorage.length"));
    assertFalse(String.valueOf(chromium.evaluate("return location.href")).contains("key-of"));
  }

  @Test
  void theKeyboardAloneIsEnough() {
    var alice = CallPage.atTheDoor(chromium, servers.page());
    var keys = new PageSteps(chromium);
    keys.tabTo("#api-key");
    chromium.focused().sendKeys(Servers.API_KEY);
    keys.tabTo("#room");
    chromium.focused().sendKeys("standup");
    keys.tabTo("#name");
    chromium.focused().sendKeys("Alice", Keys.ENTER);
    alice.awaitText("#stage-status", "Nobody else is here yet.");
    for (String button : List.of("#mute", "#camera-off")) {
      keys.tabTo(button);
      chromium.key(Keys.SPACE);
      chromium.await(() -> "true".equals(chromium.element(button).getDomAttribute("aria-pressed")));
    }
    keys.tabTo("summary");
    keys.tabTo("#copy-link");
    keys.tabTo("#message");
    keys.tabTo("#file");
    keys.tabTo("footer a:last-child");
    assertTrue(chromium.element("#qr svg").isDisplayed());
  }
}
