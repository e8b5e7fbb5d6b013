/**
 * Ties the three steps to the page. The API key is read from its field when it is sent, and is kept
 * nowhere else.
 */

import { announce, byId, element, exclusive, row } from './dom.js';
import { copy } from './clipboard.js';
import { requestCredentials } from './credentials.js';
import { explain, gather, hostPort, judge } from './candidates.js';
import { CallView } from './callview.js';

/** @type {RTCIceServer[]} */
let iceServers = [];
const callView = new CallView(() => iceServers);

byId('credentials-form').addEventListener('submit', exclusive(byId('fetch'), fetchCredentials));
byId('gather').addEventListener('click', exclusive(byId('gather'), gatherCandidates));
byId('copy-ice-servers').addEventListener('click', () => copyAndSay(JSON.stringify(iceServers, null, 2)));

async function fetchCredentials() {
  const user = byId('user').value.trim();
  const ttl = byId('ttl').valueAsNumber;
  announce('credentials', 'busy', 'Asking for credentials…');
  try {
    const issued = await requestCredentials(byId('api-key').value, {
      ...(user && { user }),
      ...(ttl && { ttl }),
    });
    iceServers = issued.iceServers;
    showIceServers();
    const until = new Date(issued.expiresAt);
    const when = until.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
    byId('expiry').textContent = `for ${duration(issued.ttl)}, until ${when}`;
    announce('credentials', 'done', `Credentials for ${duration(issued.ttl)} are here.`);
    byId('gather').disabled = false;
    callView.enable();
  } catch (error) {
    announce('credentials', 'failed', `${/** @type {Error} */ (error).message}`);
  }
}

function showIceServers() {
  byId('ice-servers').hidden = false;
  byId('ice-server-list').replaceChildren(
    ...iceServers.map(({ urls, username, credential }) => {
      const list = element('dl', { class: 'facts' });
      const add = (/** @type {string} */ term, /** @type {(Node | string)[]} */ ...content) =>
        list.append(element('dt', {}, term), element('dd', {}, ...content));
      for (const url of [urls].flat()) {
        add('URL', url);
      }
      if (username) {
        add('Username', username);
      }
      if (credential) {
        const button = element('button', { type: 'button', class: 'quiet small' }, 'Copy');
        button.ariaLabel = 'Copy the credential';
        button.addEventListener('click', () => copyAndSay(credential));
        add('Credential', element('span', { class: 'masked' }, '••••••••'), button);
      }
      return list;
    }),
  );
}

/** @param {string} text */
async function copyAndSay(text) {
  await copy(text);
  announce('credentials', 'done', 'Copied to the clipboard.');
}

async function gatherCandidates() {
  const policy = /** @type {any} */ (document.querySelector('[name=policy]:checked')).value;
  /** @type {Parameters<typeof judge>[2]} */
  const findings = [];
  byId('candidate-rows').replaceChildren();
  byId('candidate-table').hidden = false;
  byId('verdicts').replaceChildren();
  announce('candidates', 'busy', 'Gathering…');
  const start = performance.now();
  try {
    await gather(iceServers, policy, (finding) => {
      findings.push(finding);
      byId('candidate-rows').append(
        'candidate' in finding ? candidateRow(finding) : failureRow(finding),
      );
    });
  } catch (error) {
    announce('candidates', 'failed', `${/** @type {Error} */ (error).message}`);
    return;
  }
  const verdicts = judge(iceServers, policy, findings);
  byId('verdicts').replaceChildren(
    ...verdicts.map(({ url, outcome, words }) =>
      element('li', { 'data-outcome': outcome, 'data-url': url }, words),
    ),
  );
  const count = findings.filter((finding) => 'candidate' in finding).length;
  const took = `${Math.round(performance.now() - start)} ms`;
  const words = `${count} ${count === 1 ? 'candidate' : 'candidates'} in ${took}`;
  if (verdicts.some(({ outcome }) => outcome === 'fails')) {
    announce('candidates', 'failed', `${words}; not every server works.`);
  } else {
    announce('candidates', 'done', `${words}.`);
  }
}

/** @param {import('./candidates.js').Found} found */
function candidateRow({ ms, candidate, url }) {
  const { type, protocol, address, port, relatedAddress, relatedPort, priority } = candidate;
  return row({ 'data-kind': 'candidate', 'data-type': type ?? '', 'data-ms': Math.round(ms) }, [
    ['Time', `${Math.round(ms)} ms`, 'number'],
    ['Type', type ?? '', 'type'],
    ['Protocol', protocol ?? ''],
    ['Address', withNote(hostPort(address, port), url && `from ${url}`), 'address'],
    ['Related address', hostPort(relatedAddress, relatedPort), 'address'],
    ['Priority', String(priority ?? ''), 'number'],
  ]);
}

/** @param {import('./candidates.js').Failure} failure */
function failureRow({ ms, code, text, url, address }) {
  return row({ 'data-kind': 'error', 'data-code': code, 'data-ms': Math.round(ms) }, [
    ['Time', `${Math.round(ms)} ms`, 'number'],
    ['Type', `error ${code}`, 'type'],
    ['Protocol', '–'],
    ['Address', withNote(explain({ code, text }), url && `from ${url}`), 'address'],
    ['Related address', address || '–', 'address'],
    ['Priority', '–', 'number'],
  ]);
}

/**
 * @param {string} text
 * @param {string} note
 */
function withNote(text, note) {
  return element('span', {}, text, ...(note ? [element('small', {}, note)] : []));
}

/** @param {number} seconds */
function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [
    hours && `${hours} h`,
    minutes && `${minutes} min`,
    seconds % 60 && `${seconds % 60} s`,
  ];
  return parts.filter(Boolean).join(' ');
}
