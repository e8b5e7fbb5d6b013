/**
 * Asks the API for credentials.
 */

/**
 * @typedef {object} IssuedCredentials
 * @property {RTCIceServer[]} iceServers as RTCPeerConnection takes them
 * @property {number} ttl in seconds
 * @property {string} expiresAt ISO 8601
 */

/** A refusal in the terms of RFC 9457; status 0 where no answer came at all. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   */
  constructor(status, title, detail = '') {
    super([status || '', title].join(' ').trim() + (detail ? `: ${detail}` : ''));
    this.status = status;
  }
}

/**
 * @param {string} key
 * @param {{user?: string, ttl?: number}} wish
 * @returns {Promise<IssuedCredentials>}
 * @throws {Problem}
 */
export async function requestCredentials(key, wish) {
  const response = await post(key, wish);
  if (!response.ok) {
    throw await readProblem(response);
  }
  return response.json();
}

/**
 * @param {string} key
 * @param {object} wish
 */
async function post(key, wish) {
  try {
    return await fetch('v1/ice-servers', {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(wish),
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    throw new Problem(0, 'The request failed', /** @type {Error} */ (error).message);
  }
}

/** @param {Response} response */
async function readProblem(response) {
  try {
    const { title, detail } = await response.json();
    return new Problem(response.status, title || response.statusText, detail);
  } catch {
    return new Problem(response.status, response.statusText || 'The API refused');
  }
}
