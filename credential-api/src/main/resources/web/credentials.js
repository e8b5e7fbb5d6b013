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
  const response = await post('v1/ice-servers', wish, { Authorization: `Bearer ${key}` });
  return response.json();
}

/**
 * @param {string} path
 * @param {object} body
 * @param {Record<string, string>} headers
 * @returns {Promise<Response>} which is good
 * @throws {Problem}
 */
export async function post(path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    throw new Problem(0, 'The request failed', /** @type {Error} */ (error).message);
  }
  if (!response.ok) {
    throw await readProblem(response);
  }
  return response;
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
