package dev.hairpin.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the module for developers does when signaling goes wrong: two rooms in one page, and a
/// server of which the test decides what it loses, delays and forgets.
class ClientModuleTest {
  private static final String SERVER =
      """
      const { Room } = await import('/hairpin.js');
      // Whoever may use the microphone is told the addresses of this machine.
      await navigator.mediaDevices.getUserMedia({ audio: true });
      const places = new Map(); // by their resume strings
      const heard = [];
      let pass = () => true; // whether a message goes on: true, false, or a delay in ms
      class FakeSocket extends EventTarget {
        static OPEN = 1;
        readyState = 0;
        constructor() {
          super();
          setTimeout(() => {
            this.readyState = 1;
            this.dispatchEvent(new Event('open'));
          });
        }
        send(text) {
          const message = JSON.parse(text);
          heard.push(message);
          if (message.type === 'join') {
            this.#join(message);
          } else if (message.to) {
            const { to, ...rest } = message;
            const verdict = pass(rest);
            const target = [...places.values()].find(({ id }) => id === to);
            const deliver = () => target?.socket.tell({ ...rest, from: this.place.id });
            if (verdict === true) {
              deliver();
            } else if (verdict !== false) { // what waits keeps its order, as in a connection
              this.waiting = (this.waiting ?? Promise.resolve())
                .then(() => new Promise((resolve) => setTimeout(resolve, verdict))).then(deliver);
            }
          }
        }
        #join({ name, resume }) {
          const resumed = places.has(resume);
          const others = [...places.values()].filter((place) => place.name !== name);
          if (!resumed) {
            places.set(name + Math.random(), { id: name + places.size, name });
          }
          const [key, place] = resumed
            ? [resume, places.get(resume)]
            : [...places.entries()].at(-1);
          this.place = place;
          place.socket = this;
          const person = ({ id, name }) => ({ id, name });
          this.tell({
            type: 'welcome', room: 'r', you: person(place), participants: others.map(person),
            iceServers: [], ttl: 3600, resume: key, resumed, heartbeat: 10, size: 8 });
          if (!resumed) {
            others.forEach(({ socket }) => socket.tell({ type: 'joined', participant: person(place) }));
          }
        }
        tell(message) {
          setTimeout(() => {
            const data = JSON.stringify(message);
            this.dispatchEvent(new MessageEvent('message', { data }));
          });
        }
        close(code = 1005) {
          this.readyState = 3;
          setTimeout(() => this.dispatchEvent(new CloseEvent('close', { code })));
        }
      }
      window.WebSocket = FakeSocket;
      const until = async (condition) => {
        const start = performance.now();
        while (!condition()) {
          if (performance.now() - start > 20000) {
            throw new Error('never: ' + condition);
          }
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return performance.now() - start;
      };
      const events = [];
      const enter = async (name) => {
        const room = new Room({ url: 'ws://localhost', token: 't', name });
        for (const type of ['participant', 'left', 'problem', 'end', 'state']) {
          room.addEventListener(type, ({ detail }) => events.push(
            [name, type, detail.participant?.name ?? detail.code ?? detail.state].join(' ')));
        }
        await room.join();
        return room;
      };
      const linked = (...rooms) => rooms.every(({ participants }) => participants.size === 1
        && [...participants.values()].every(({ state, channels, connection }) =>
          state === 'connected' && channels.get('chat').readyState === 'open'
            && connection.signalingState === 'stable'));
      const picture = () => Object.assign(document.createElement('canvas'), { width: 64, height: 64 })
        .captureStream(5).getVideoTracks()[0];
      """;

  private final Servers servers = Servers.start();
  private final Chromium chromium;

  ClientModuleTest(@TempDir Path directory) {
    chromium = Chromium.withDevices(directory);
  }

  @BeforeEach
  void open() {
    chromium.open(servers);
  }

  @AfterEach
  void close() {
    chromium.close();
    servers.close();
  }

  private Object run(String body) {
    return chromium.evaluate(SERVER + body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"offer", "answer"})
  void anOfferWithoutAnAnswerIsRepeated(String lost) {
    Object links =
        run(
            """
            let first = true;
            pass = ({ type }) => type !== 'LOST' || !first || (first = false);
            const rooms = [await enter('a'), await enter('b')];
            await until(() => linked(...rooms));
            return heard.filter(({ type }) => type === 'offer').length;
            """
                .replace("LOST", lost));
    assertEquals(2L, links);
  }

  @Test
  void candidatesThatOvertakeTheirDescriptionAreKept() {
    Object problems =
        run(
            """
            pass = ({ type }) => (type === 'candidate' ? true : 500);
            const rooms = [await enter('a'), await enter('b')];
            const ms = await until(() => linked(...rooms));
            return events.filter((event) => event.includes('problem')).join() + (ms < 4000);
            """);
    assertEquals("true", problems);
  }

  @Test
  void offersOfBothAtOnceEndInOneAndTheSameState() {
    Object outcome =
        run(
            """
            const rooms = [await enter('a'), await enter('b')];
            await until(() => linked(...rooms));
            for (let i = 0; i < 20; i++) {
              pass = () => Math.random() * 30;
              for (const room of rooms) {
                room.setTrack('video', i % 2 ? null : picture());
                [...room.participants.values()][0].restart();
              }
              await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
            }
            for (const room of rooms) {
              room.setTrack('video', picture());
            }
            const both = () => rooms.every(({ participants: [[, { connection }]] }) =>
              connection.getTransceivers().length === 2
                && connection.getTransceivers()[1].currentDirection === 'sendrecv');
            await until(() => linked(...rooms) && both());
            return events.filter((event) => event.includes('problem')).join();
            """);
    assertEquals("", outcome);
  }

  @Test
  void afterALostSocketThePlaceIsTakenAgainAndNobodyNotices() {
    Object outcome =
        run(
            """
            const rooms = [await enter('a'), await enter('b')];
            await until(() => linked(...rooms));
            const before = events.length;
            [...places.values()][0].socket.close(1006);
            await until(() => rooms[0].state === 'reconnecting');
            rooms[0].setTrack('video', picture()); // what is said meanwhile waits
            await until(() => linked(...rooms) && rooms[0].state === 'joined'
              && [...rooms[1].participants.values()][0].stream.getTracks().length === 1);
            return events.slice(before).join(', ');
            """);
    assertEquals("a state reconnecting, a state joined", outcome);
  }

  @Test
  void whereThePlaceIsGoneAllLinksAreBuiltAnew() {
    Object outcome =
        run(
            """
            const rooms = [await enter('a'), await enter('b')];
            await until(() => linked(...rooms));
            const before = events.length;
            const [[resume, { id, socket }]] = places;
            places.delete(resume);
            rooms[1].participants.get(id) && [...places.values()][0].socket.tell(
              { type: 'left', participant: id, reason: 'lost' });
            socket.close(1006);
            await until(() => !linked(...rooms));
            await until(() => linked(...rooms));
            return events.slice(before).sort().join(', ');
            """);
    assertEquals(
        "a left b, a participant b, a state joined, a state reconnecting, b left a, b participant"
            + " a",
        outcome);
  }

  @Test
  void aFinalAnswerIsTaken() {
    Object outcome =
        run(
            """
            for (const code of [4400, 4401, 4402, 4403, 4409, 4410, 4413]) {
              places.clear();
              const room = await enter('a');
              const [{ socket }] = places.values();
              socket.tell({ type: 'problem', code: 'why', detail: 'Because.' });
              socket.close(code);
              await until(() => room.state === 'ended');
            }
            return events.filter((event) => event !== 'a state joining').join(', ');
            """);
    String each = "a state joined, a problem why, a state ended, a end why";
    assertEquals(String.join(", ", Collections.nCopies(7, each)), outcome);
  }

  @Test
  void moreThanTheServerTakesIsSpread() {
    Object most =
        run(
            """
            const room = await enter('a');
            for (let i = 0; i < 400; i++) {
              room.send({ type: 'ping', i });
            }
            const atOnce = heard.length;
            await until(() => heard.length > atOnce);
            return atOnce;
            """);
    assertTrue((Long) most <= 200, String.valueOf(most));
  }
}
