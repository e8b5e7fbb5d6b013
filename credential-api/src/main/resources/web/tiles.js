/**
 * The pictures of those in the room, each with what is known of the link to them.
 */

import { byId, element } from './dom.js';
import { Plot, bitrate } from './plot.js';

/** @type {Record<string, string>} */
const STATES = {
  new: 'Connecting…',
  connecting: 'Connecting…',
  connected: '',
  disconnected: 'Nothing comes through. Waiting…',
  failed: 'The connection broke. Trying another way…',
};

class Tile {
  /**
   * @param {string} id
   * @param {string} name
   */
  constructor(id, name) {
    this.video = /** @type {HTMLVideoElement} */ (
      element('video', { autoplay: '', playsinline: '', 'aria-label': `Picture of ${name}` })
    );
    this.caption = element('p', { class: 'who' }, name);
    this.words = element('p', { class: 'link-state' }, '');
    const picture = element('div', { class: 'picture' }, this.video, this.words);
    this.item = element('li', { class: 'tile', 'data-id': id }, picture, this.caption);
    this.item.dataset.picture = 'none';
    byId('tiles').append(this.item);
  }

  /** @param {MediaStreamTrack | undefined | null} track */
  watch(track) {
    const look = () => {
      const seen = track && !track.muted && track.readyState === 'live';
      this.item.dataset.picture = seen ? 'moving' : 'none';
    };
    for (const change of ['mute', 'unmute', 'ended']) {
      track?.addEventListener(change, look);
    }
    look();
  }

  remove() {
    this.video.srcObject = null;
    this.item.remove();
  }
}

/** The own picture, silent, and mirrored where it is a camera's. */
export class OwnTile extends Tile {
  /** @param {string} name */
  constructor(name) {
    super('self', name ? `${name} (you)` : 'You');
    this.video.muted = true;
  }

  /**
   * @param {MediaStreamTrack | null} track
   * @param {boolean} mirrored
   */
  show(track, mirrored) {
    this.video.srcObject = track && new MediaStream([track]);
    this.video.classList.toggle('mirrored', mirrored);
    this.watch(track);
  }
}

export class PeerTile extends Tile {
  /** @param {import('./hairpin.js').Participant} participant */
  constructor(participant) {
    super(participant.id, nameOf(participant));
    this.video.srcObject = participant.stream;
    this.facts = element('p', { class: 'link-facts' }, '–');
    this.figures = element('dl', { class: 'link-figures' });
    const canvas = element('canvas', {
      class: 'link-plot',
      role: 'img',
      'aria-label': `Bitrate from ${nameOf(participant)} over the last minute`,
    });
    this.item.append(this.facts, this.figures, canvas);
    this.plot = new Plot(/** @type {HTMLCanvasElement} */ (canvas));
    this.state(participant.state);
  }

  /** @param {string} state */
  state(state) {
    this.item.dataset.state = state;
    this.words.textContent = STATES[state] ?? '';
  }

  /** @param {import('./hairpin.js').LinkStatistics} statistics */
  measure({ local, remote, bitsIn, bitsOut, roundTripMs, loss, framesDecoded }) {
    const { dataset } = this.item;
    dataset.local = local?.type ?? '';
    dataset.remote = remote?.type ?? '';
    dataset.frames = String(framesDecoded);
    this.facts.textContent = local && remote ? way(local, remote) : 'No way yet';
    const round = roundTripMs === undefined ? '–' : `${Math.max(1, Math.round(roundTripMs))} ms`;
    this.figures.replaceChildren(
      ...figure('In', bitrate(bitsIn)),
      ...figure('Out', bitrate(bitsOut)),
      ...figure('Round trip', round),
      ...figure('Loss', `${(loss * 100).toFixed(1)} %`),
    );
    this.plot.push(bitsIn);
  }
}

/** @param {import('./hairpin.js').Participant} participant */
export function nameOf({ id, name }) {
  return name || `Guest ${id.slice(0, 4)}`;
}

/**
 * @param {import('./hairpin.js').Candidate} local
 * @param {import('./hairpin.js').Candidate} remote
 */
function way(local, remote) {
  const over = local.relayProtocol ? ` (${local.relayProtocol.toUpperCase()})` : '';
  return `${local.type}${over} – ${remote.type}, ${remote.protocol.toUpperCase()}`;
}

/**
 * @param {string} term
 * @param {string} value
 */
function figure(term, value) {
  return [element('div', {}, element('dt', {}, term), element('dd', {}, value))];
}
