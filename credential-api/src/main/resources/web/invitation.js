/**
 * Invite links: asks the API for a token, shows the link, copies and shares it.
 */

import { copy } from './clipboard.js';
import { announce, byId } from './dom.js';
import { post } from './credentials.js';

/**
 * @param {string} key
 * @param {string} room
 * @returns {Promise<string>} a token
 * @throws {import('./credentials.js').Problem}
 */
export async function requestToken(key, room) {
  const path = `v1/rooms/${encodeURIComponent(room)}/tokens`;
  const response = await post(path, {}, { Authorization: `Bearer ${key}` });
  return (await response.json()).token;
}

/**
 * The room that a token names. The server judges the token; this is for people alone.
 *
 * @param {string} token
 */
export function roomOf(token) {
  try {
    const claims = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return String(JSON.parse(atob(claims)).room ?? '');
  } catch {
    return '';
  }
}

export class Invitation {
  constructor() {
    byId('copy-link').addEventListener('click', () => this.#copy());
    byId('share-link').addEventListener('click', () => this.#share());
  }

  /** @param {string} link */
  async show(link) {
    byId('invitation').hidden = false;
    byId('link').value = link;
    byId('share-link').hidden = !navigator.share;
    try {
      const answer = await (await post('v1/rooms/qr', { link })).text();
      const svg = new DOMParser().parseFromString(answer, 'image/svg+xml').documentElement;
      svg.setAttribute('role', 'img');
      svg.setAttribute('aria-label', 'The link as a QR code');
      byId('qr').replaceChildren(document.adoptNode(svg));
    } catch {
      byId('qr').replaceChildren(); // the link itself is there
    }
  }

  async #copy() {
    await copy(byId('link').value);
    announce('invitation', 'done', 'Copied to the clipboard.');
  }

  async #share() {
    try {
      await navigator.share({ title: document.title, url: byId('link').value });
    } catch {
      // they thought better of it
    }
  }
}
