/**
 * Sends bytes over a data channel and compares what arrives.
 */

const CHUNK_BYTES = 16 * 1024;
const HIGH_WATER_BYTES = 256 * 1024;
const LOW_WATER_BYTES = 64 * 1024;
const RANDOM_BYTES_AT_ONCE = 65_536;

/** @param {number} length in bytes */
export function randomBytes(length) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += RANDOM_BYTES_AT_ONCE) {
    crypto.getRandomValues(bytes.subarray(i, i + RANDOM_BYTES_AT_ONCE));
  }
  return bytes;
}

/**
 * Resolves with what the other end received; rejects where the channel closes before.
 *
 * @param {RTCDataChannel} from
 * @param {RTCDataChannel} to
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function transfer(from, to, bytes) {
  const end = new AbortController();
  const closed = new Promise((_, reject) => {
    const fail = () => reject(new Error('the data channel closed'));
    from.addEventListener('close', fail, { signal: end.signal });
    to.addEventListener('close', fail, { signal: end.signal });
  });
  try {
    const received = receive(to, bytes.length, end.signal);
    await Promise.race([sendChunks(from, bytes), closed]);
    return await Promise.race([received, closed]);
  } finally {
    end.abort();
  }
}

/**
 * Never lets more than the high-water mark wait in the channel.
 *
 * @param {RTCDataChannel} channel
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {(part: number) => void} onprogress told how much is on its way, 0 to 1
 */
export async function sendChunks(channel, bytes, onprogress = () => {}) {
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  for (let i = 0; i < bytes.length; i += CHUNK_BYTES) {
    if (channel.bufferedAmount > HIGH_WATER_BYTES) {
      await new Promise((resolve) =>
        channel.addEventListener('bufferedamountlow', resolve, { once: true }),
      );
    }
    channel.send(bytes.subarray(i, i + CHUNK_BYTES));
    onprogress(Math.min(1, (i + CHUNK_BYTES) / bytes.length));
  }
}

/**
 * @param {RTCDataChannel} channel
 * @param {number} length
 * @param {AbortSignal} signal
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
function receive(channel, length, signal) {
  const bytes = new Uint8Array(length);
  let count = 0;
  return new Promise((resolve, reject) => {
    const take = (/** @type {MessageEvent<ArrayBuffer>} */ { data }) => {
      if (count + data.byteLength > length) {
        reject(new Error('more bytes arrived than were sent'));
        return;
      }
      bytes.set(new Uint8Array(data), count);
      count += data.byteLength;
      if (count === length) {
        resolve(bytes);
      }
    };
    channel.addEventListener('message', take, { signal });
  });
}

/**
 * Compares by SHA-256 or, where the browser withholds it (http on another host than localhost),
 * byte by byte.
 *
 * @param {Uint8Array<ArrayBuffer>} sent
 * @param {Uint8Array<ArrayBuffer>} received
 * @returns {Promise<{equal: boolean, words: string}>}
 */
export async function compare(sent, received) {
  const [here, there] = [await sha256(sent), await sha256(received)];
  if (!here) {
    const equal = sent.length === received.length && sent.every((byte, i) => byte === received[i]);
    return { equal, words: equal ? 'every byte is the same' : 'the bytes differ' };
  }
  const equal = here === there;
  return { equal, words: equal ? `SHA-256 matches (${here.slice(0, 16)}…)` : 'SHA-256 differs' };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string | undefined>} in hexadecimal, where the browser makes it
 */
export async function sha256(bytes) {
  if (!globalThis.crypto.subtle) {
    return undefined;
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
