/**
 * Chat and files on the page.
 */

import { announce, byId, element, exclusive } from './dom.js';
import { FileLink, MOST_BYTES } from './files.js';
import { nameOf } from './tiles.js';
import { sha256 } from './transfer.js';

/** As much of what others sent is kept for saving; the oldest goes first. */
const KEPT_BYTES = 4 * MOST_BYTES;

/** @type {Record<string, string>} */
const DIGESTS = {
  matches: 'SHA-256 matches',
  differs: 'SHA-256 differs: the file is damaged',
  unknown: 'not compared, for that needs HTTPS',
};

export class Talk {
  /** @type {Map<string, {participant: import('./hairpin.js').Participant, files: FileLink}>} */
  #links = new Map();
  /** @type {{link: HTMLAnchorElement, size: number}[]} */
  #kept = [];
  /** @type {import('./hairpin.js').Room | undefined} */
  #room;

  constructor() {
    byId('talk-form').addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#say();
    });
    byId('file').addEventListener(
      'change',
      exclusive(byId('file'), () => this.#sendFile()),
    );
  }

  /** @param {import('./hairpin.js').Room} room */
  attach(room) {
    this.#room = room;
    this.#links.clear();
    room.addEventListener('message', (event) => {
      const { participant, text } = /** @type {CustomEvent} */ (event).detail;
      this.#log(nameOf(participant), text);
    });
    room.addEventListener('channel', (event) => {
      const { participant, channel } = /** @type {CustomEvent} */ (event).detail;
      if (channel.label === 'file') {
        this.#expect(participant, new FileLink(channel));
      }
    });
    room.addEventListener('left', (event) => {
      this.#links.delete(/** @type {CustomEvent} */ (event).detail.participant.id);
    });
  }

  /**
   * @param {import('./hairpin.js').Participant} participant
   * @param {FileLink} files
   */
  #expect(participant, files) {
    this.#links.set(participant.id, { participant, files });
    const name = nameOf(participant);
    files.onprogress = (file, part) => {
      announce('talk', 'busy', `${file} from ${name}: ${Math.floor(part * 100)} %`);
    };
    files.onfile = ({ name: file, blob, digest }) => {
      announce('talk', digest === 'differs' ? 'failed' : 'done', `${file} from ${name} is here.`);
      this.#log(name, this.#save(file, blob), ` (${size(blob.size)}, ${DIGESTS[digest]})`);
    };
  }

  /**
   * @param {string} name
   * @param {Blob} blob
   */
  #save(name, blob) {
    const href = URL.createObjectURL(blob);
    const link = /** @type {HTMLAnchorElement} */ (
      element('a', { href, download: name }, `Save ${name}`)
    );
    this.#kept.push({ link, size: blob.size });
    let total = this.#kept.reduce((sum, kept) => sum + kept.size, 0);
    while (total > KEPT_BYTES && this.#kept.length > 1) {
      const [oldest] = this.#kept.splice(0, 1);
      total -= oldest.size;
      URL.revokeObjectURL(oldest.link.href);
      oldest.link.replaceWith(`${oldest.link.download}, no longer kept`);
    }
    return link;
  }

  #say() {
    const text = byId('message').value.trim();
    if (!text || !this.#room) {
      return;
    }
    const count = this.#room.chat(text);
    this.#log('You', text);
    byId('message').value = '';
    announce('talk', 'done', count ? '' : 'Nobody else is here to read it.');
  }

  async #sendFile() {
    const field = byId('file');
    const [file] = field.files;
    if (!file) {
      return;
    }
    const links = [...this.#links.values()];
    if (file.size > MOST_BYTES) {
      announce('talk', 'failed', `${file.name} has more than ${size(MOST_BYTES)}.`);
    } else if (links.length === 0) {
      announce('talk', 'failed', 'Nobody else is here to take it.');
    } else {
      await this.#sendTo(links, file);
    }
    field.value = '';
  }

  /**
   * @param {{participant: import('./hairpin.js').Participant, files: FileLink}[]} links
   * @param {File} file
   */
  async #sendTo(links, file) {
    announce('talk', 'busy', `Sending ${file.name}…`);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const digest = await sha256(bytes);
    const parts = links.map(() => 0);
    const results = await Promise.all(
      links.map(async ({ participant, files }, i) => {
        const onprogress = (/** @type {number} */ part) => {
          parts[i] = part;
          announce('talk', 'busy', `Sending ${file.name}: ${percent(parts)}`);
        };
        try {
          const answer = await files.send(file.name, bytes, digest, onprogress);
          return { good: answer !== 'differs', words: `${nameOf(participant)}: ${DIGESTS[answer]}` };
        } catch (error) {
          const { message } = /** @type {Error} */ (error);
          return { good: false, words: `${nameOf(participant)}: ${message}` };
        }
      }),
    );
    const state = results.every(({ good }) => good) ? 'done' : 'failed';
    announce('talk', state, `${file.name} was sent.`);
    const outcome = results.map(({ words }) => words).join('; ');
    this.#log('You', `${file.name} (${size(file.size)}). ${outcome}.`);
  }

  /**
   * @param {string} who
   * @param {(string | Node)[]} what
   */
  #log(who, ...what) {
    const log = byId('talk-log');
    log.append(element('p', {}, element('b', {}, who), ' ', ...what));
    log.scrollTop = log.scrollHeight;
  }
}

/** @param {number[]} parts */
function percent(parts) {
  return `${Math.floor((100 * parts.reduce((a, b) => a + b, 0)) / parts.length)} %`;
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 999_500 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
