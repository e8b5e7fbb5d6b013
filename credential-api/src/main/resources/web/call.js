/**
 * The call page: comes into a room by a token in the fragment, or makes one by an API key, which is
 * read from its field when it is sent and is kept nowhere else.
 */

import { announce, byId, exclusive } from './dom.js';
import { Controls } from './controls.js';
import { Devices } from './devices.js';
import { Room } from './hairpin.js';
import { Invitation, requestToken, roomOf } from './invitation.js';
import { Talk } from './talk.js';
import { OwnTile, PeerTile, nameOf } from './tiles.js';

/** @type {Record<string, string>} what helps, by the code of the problem that ended the call */
const ADVICE = {
  'bad-token': 'This link is none of this server. Ask for a new one.',
  'expired-token': 'This link has ended. Ask for a new one.',
  'room-full': 'The room is full. Come again when somebody has left.',
  busy: 'This server has no place for more people at present. Try again later.',
  replaced: 'You went on in another window.',
  removed: 'You were sent away from the room.',
  unreachable: 'The server does not answer. Try again.',
};

/** @type {Record<string, string>} */
const DEPARTURES = { left: 'left', lost: 'was lost', removed: 'was sent away' };

let token = location.hash.slice(1);
/** @type {Room | undefined} */
let room;
/** @type {Map<string, PeerTile>} */
const tiles = new Map();
/** @type {OwnTile | undefined} */
let ownTile;

const devices = new Devices(byId('camera'), byId('microphone'));
const controls = new Controls(devices, (track, mirrored) => ownTile?.show(track, mirrored));
const invitation = new Invitation();
const talk = new Talk();

byId('entry-form').addEventListener('submit', exclusive(byId('join'), join));
byId('leave').addEventListener('click', () => room?.leave());
addEventListener('hashchange', () => location.reload());
addEventListener('pagehide', () => room?.leave());
prepare();

/** Asks for no more than is needed: with a token neither for a key nor for a room. */
async function prepare() {
  const invited = token !== '';
  document.querySelectorAll('.keyed').forEach((field) => {
    /** @type {HTMLElement} */ (field).hidden = invited;
  });
  byId('api-key').required = byId('room').required = !invited;
  if (invited) {
    const name = roomOf(token);
    byId('entry-title').textContent = name ? `Join ${name}` : 'Join';
    byId('entry-words').textContent = 'You were invited. Nobody sees or hears you before you join.';
  }
  await devices.list();
}

async function join() {
  announce('entry', 'busy', 'Joining…');
  try {
    if (!token) {
      const made = await requestToken(byId('api-key').value, byId('room').value.trim());
      byId('api-key').value = '';
      token = made;
      history.replaceState(null, '', `#${token}`);
    }
    if (!(await controls.open())) {
      announce('entry', 'failed', 'Choose something else above, and join without it if you like.');
      prepare(); // the key has been used up
      return;
    }
    await enter();
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    announce('entry', 'failed', ADVICE[String(cause)] ?? `${message}`);
    prepare();
  }
}

async function enter() {
  const name = byId('name').value.trim();
  const policy = /** @type {any} */ (document.querySelector('[name=policy]:checked')).value;
  const url = new URL('v1/signaling', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  room = new Room({ url, token, policy, ...(name && { name }) });
  ownTile = new OwnTile(name);
  controls.attach(room);
  talk.attach(room);
  listen(room);
  await room.join();
  byId('stage-title').textContent = roomOf(token) || 'The room';
  show(true);
  byId('stage-title').focus();
  await invitation.show(`${location.origin}${location.pathname}#${token}`);
}

/** @param {boolean} inCall */
function show(inCall) {
  byId('entry').hidden = inCall;
  for (const part of ['stage', 'talk', 'invitation']) {
    byId(part).hidden = !inCall;
  }
  byId(inCall ? 'devices-during' : 'devices-before').append(byId('devices'));
  announce('entry', 'idle', '');
}

/** @param {Room} room */
function listen(room) {
  /** @param {string} type @param {(detail: any) => void} told */
  const on = (type, told) =>
    room.addEventListener(type, (event) => told(/** @type {CustomEvent} */ (event).detail));
  on('participant', ({ participant }) => {
    tiles.set(participant.id, new PeerTile(participant));
    present(`${nameOf(participant)} came.`);
  });
  on('left', ({ participant, reason }) => {
    tiles.get(participant.id)?.remove();
    tiles.delete(participant.id);
    present(`${nameOf(participant)} ${DEPARTURES[reason] ?? 'left'}.`);
  });
  on('track', ({ participant, track }) => {
    if (track.kind === 'video') {
      tiles.get(participant.id)?.watch(track);
    }
  });
  on('link', ({ participant, state }) => tiles.get(participant.id)?.state(state));
  on('statistics', ({ participant, statistics }) => {
    tiles.get(participant.id)?.measure(statistics);
  });
  on('problem', ({ code, detail }) => {
    if (code === 'negotiation') {
      console.warn(detail);
    }
  });
  on('full', () => present('Somebody could not come in: the room is full.'));
  on('state', ({ state }) => {
    if (state === 'reconnecting') {
      announce('stage', 'interrupted', 'The server is away. The call goes on; trying again…');
    } else if (state === 'joined') {
      present();
    }
  });
  on('end', (problem) => end(problem));
}

/** Says who is here, to those who see it and those who hear it; before that what happened. */
function present(news = '') {
  if (room?.state === 'joined') {
    const others = room.participants.size;
    const count = others === 0 ? 'Nobody else is here yet.' : `${others + 1} of ${room.size} are here.`;
    announce('stage', 'connected', `${news} ${count}`.trim());
  }
}

/** @param {{code: string, detail: string}} problem */
function end({ code, detail }) {
  tiles.forEach((tile) => tile.remove());
  tiles.clear();
  ownTile?.remove();
  ownTile = undefined;
  controls.detach();
  if (!byId('stage').hidden) {
    show(false);
    const left = code === 'left';
    announce('entry', left ? 'ended' : 'failed', left ? 'You left.' : (ADVICE[code] ?? detail));
    prepare();
    byId('join').focus();
  }
}
