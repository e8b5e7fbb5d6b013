/**
 * Files over a data channel: a header, the bytes in chunks, and a digest that both ends compare.
 */

import { sendChunks, sha256 } from './transfer.js';

export const MOST_BYTES = 100_000_000;
const LONGEST_NAME = 255;

/**
 * @typedef {object} Received
 * @property {string} name
 * @property {Blob} blob
 * @property {'matches' | 'differs' | 'unknown'} digest
 */

/** One link's files, in both directions, one after the other. */
export class FileLink {
  /** @type {(received: Received) => void} */
  onfile = () => {};
  /** @type {(name: string, part: number) => void} told while a file comes, with 0 to 1 */
  onprogress = () => {};

  #channel;
  #tail = Promise.resolve();
  /** @type {((digest: Received['digest']) => void) | undefined} */
  #acknowledged;
  /** @type {{name: string, size: number, bytes: number, chunks: ArrayBuffer[]} | undefined} */
  #incoming;

  /** @param {RTCDataChannel} channel */
  constructor(channel) {
    this.#channel = channel;
    // What comes is taken in order, also while a digest is being made.
    let taken = Promise.resolve();
    channel.addEventListener('message', ({ data }) => {
      taken = taken.then(() => this.#take(data)).catch(() => channel.close());
    });
  }

  /**
   * Resolves with what the other end says of the digest.
   *
   * @param {string} name
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string | undefined} digest
   * @param {(part: number) => void} onprogress
   * @returns {Promise<Received['digest']>}
   */
  send(name, bytes, digest, onprogress) {
    const sent = this.#tail.then(() => this.#send(name, bytes, digest, onprogress));
    this.#tail = sent.then(
      () => {},
      () => {},
    );
    return sent;
  }

  /**
   * @param {string} name
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {string | undefined} digest
   * @param {(part: number) => void} onprogress
   */
  async #send(name, bytes, digest, onprogress) {
    const channel = this.#channel;
    const end = new AbortController();
    const closed = new Promise((_, reject) => {
      const fail = () => reject(new Error('the connection ended'));
      channel.addEventListener('close', fail, { signal: end.signal });
      if (channel.readyState !== 'open') {
        fail();
      }
    });
    const acknowledged = new Promise((resolve) => (this.#acknowledged = resolve));
    const all = async () => {
      this.#say({ type: 'file', name, size: bytes.length });
      await sendChunks(channel, bytes, onprogress);
      this.#say({ type: 'end', digest });
      return acknowledged;
    };
    try {
      return await Promise.race([all(), closed]);
    } finally {
      end.abort();
    }
  }

  /** @param {object} message */
  #say(message) {
    this.#channel.send(JSON.stringify(message));
  }

  /** @param {string | ArrayBuffer} data */
  async #take(data) {
    if (typeof data !== 'string') {
      this.#collect(data);
      return;
    }
    const { type, name, size, digest } = JSON.parse(data);
    if (type === 'received') {
      this.#acknowledged?.(digest);
    } else if (type === 'file') {
      if (!(size >= 0 && size <= MOST_BYTES)) {
        throw new Error('more than this page takes');
      }
      this.#incoming = { name: String(name).slice(0, LONGEST_NAME), size, bytes: 0, chunks: [] };
    } else if (type === 'end') {
      await this.#finish(digest);
    }
  }

  /** @param {ArrayBuffer} chunk */
  #collect(chunk) {
    const incoming = this.#incoming;
    if (!incoming || incoming.bytes + chunk.byteLength > incoming.size) {
      throw new Error('more bytes than were announced');
    }
    incoming.chunks.push(chunk);
    incoming.bytes += chunk.byteLength;
    this.onprogress(incoming.name, incoming.bytes / incoming.size);
  }

  /** @param {string | undefined} theirs */
  async #finish(theirs) {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    if (incoming) {
      // Never of the type that the sender says: nothing of it is to run in this page's name.
      const blob = new Blob(incoming.chunks, { type: 'application/octet-stream' });
      const ours = await sha256(new Uint8Array(await blob.arrayBuffer()));
      const digest = !ours || !theirs ? 'unknown' : ours === theirs ? 'matches' : 'differs';
      this.#say({ type: 'received', digest });
      this.onfile({ name: incoming.name, blob, digest });
    }
  }
}
