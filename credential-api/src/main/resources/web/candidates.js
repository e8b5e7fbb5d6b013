/**
 * Gathers ICE candidates and says in words what they prove about each server.
 */

/**
 * What gathering found, with the time since its start.
 *
 * @typedef {{ms: number, candidate: RTCIceCandidate, url: string}} Found
 * @typedef {{ms: number, code: number, text: string, url: string, address: string}} Failure
 * @typedef {{url: string, outcome: 'works' | 'fails' | 'unknown', words: string}} Verdict
 */

/** Browsers themselves wait for up to 40 seconds; a server that works needs a tenth of a second. */
export const PATIENCE_MS = 12_000;

/** What a TURN server means by an error code (RFC 8489, RFC 8656), and the browser by 701. */
const MEANINGS = new Map([
  [400, 'the server could not read the request'],
  [401, 'wrong or expired credential'],
  [403, 'the server forbids it'],
  [437, 'the allocation does not match'],
  [438, 'the nonce went stale'],
  [441, 'wrong credential'],
  [442, 'the server does not relay over this protocol'],
  [486, 'this user has too many allocations'],
  [508, 'the server has no capacity left'],
  [701, 'the server does not answer'],
]);

/**
 * Resolves when the browser has found everything, or when our patience ends.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {RTCIceTransportPolicy} policy
 * @param {(finding: Found | Failure) => void} onFinding
 */
export async function gather(iceServers, policy, onFinding) {
  const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: policy });
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  connection.addEventListener('icecandidate', (event) => {
    // The URL moved from the event to the candidate; type definitions know neither.
    const { candidate, url } = /** @type {any} */ (event);
    if (candidate?.candidate) {
      onFinding({ ms: elapsed(), candidate, url: candidate.url ?? url ?? '' });
    }
  });
  connection.addEventListener('icecandidateerror', (event) => {
    onFinding({ ms: elapsed(), ...readFailure(event) });
  });
  try {
    const complete = gatheringComplete(connection);
    connection.createDataChannel('probe');
    await connection.setLocalDescription(await connection.createOffer());
    await complete;
  } finally {
    connection.close();
  }
}

/** @param {RTCPeerConnection} connection */
function gatheringComplete(connection) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete') {
        clearTimeout(timer);
        resolve(undefined);
      }
    });
  });
}

/** @param {RTCPeerConnectionIceErrorEvent} event */
export function readFailure({ errorCode, errorText, url, address, port }) {
  return {
    code: errorCode,
    text: errorText,
    url,
    address: address ? `${address}${port ? `:${port}` : ''}` : '',
  };
}

/** @param {{code: number, text: string}} failure */
export function explain({ code, text }) {
  const meaning = MEANINGS.get(code);
  const words = `${meaning ? `${meaning}: ` : ''}${code} ${text}`;
  return words.replace(/[. ]*$/, '');
}

/**
 * One verdict for each URL.
 *
 * @param {RTCIceServer[]} iceServers
 * @param {RTCIceTransportPolicy} policy
 * @param {(Found | Failure)[]} findings
 * @returns {Verdict[]}
 */
export function judge(iceServers, policy, findings) {
  const urls = iceServers.flatMap((server) => server.urls);
  return urls.map((url) => ({ url, ...judgeUrl(parseIceUrl(url), policy, findings) }));
}

/**
 * @param {IceUrl} server
 * @param {RTCIceTransportPolicy} policy
 * @param {(Found | Failure)[]} findings
 * @returns {{outcome: 'works' | 'fails' | 'unknown', words: string}}
 */
function judgeUrl(server, policy, findings) {
  if (server.type === 'srflx' && policy === 'relay') {
    return { outcome: 'unknown', words: `${server.name} was not asked: the policy is relay only.` };
  }
  if (server.name === 'TURN over DTLS') {
    return { outcome: 'unknown', words: `${server.name} was not asked: browsers do not speak it.` };
  }
  const ofServer = (/** @type {Found | Failure} */ finding) =>
    !finding.url || isSameServer(server, parseIceUrl(finding.url));
  for (const finding of findings) {
    if ('candidate' in finding && finding.candidate.type === server.type && ofServer(finding)) {
      const how = server.type === 'relay' ? 'relays from' : 'sees this browser as';
      const { address, port } = finding.candidate;
      const words = `${server.name} works: it ${how} ${hostPort(address, port)}.`;
      return { outcome: 'works', words };
    }
  }
  const failures = findings.filter((finding) => 'code' in finding).filter(ofServer);
  // An answer tells more than silence on one of several network interfaces.
  const failure = failures.find(({ code }) => code < 700) ?? failures[0];
  if (failure) {
    return { outcome: 'fails', words: `${server.name} fails: ${explain(failure)}.` };
  }
  return server.type === 'relay'
    ? { outcome: 'fails', words: `${server.name} fails: no relay candidate, no answer.` }
    : {
        outcome: 'unknown',
        words: `${server.name} is unclear: it does not answer, or no NAT is in between.`,
      };
}

/**
 * @typedef {object} IceUrl
 * @property {string} name what people call it, such as `TURN over UDP`
 * @property {'srflx' | 'relay'} type of the candidate that it yields
 * @property {string} address scheme, host and port
 * @property {string | undefined} transport where the URL says it
 */

/**
 * Reads `turn:host:port?transport=udp` (RFC 7064, RFC 7065).
 *
 * @param {string} url
 * @returns {IceUrl}
 */
function parseIceUrl(url) {
  const [, scheme = '', host = '', port, transport] =
    /^(stuns?|turns?):(\[[^\]]*\]|[^:?]*)(?::(\d+))?(?:\?transport=(\w+))?$/.exec(
      url.toLowerCase(),
    ) ?? [];
  const secure = scheme.endsWith('s');
  const protocol = transport ?? (secure ? 'tcp' : 'udp');
  const turn = scheme.startsWith('turn');
  const layer = secure ? (protocol === 'udp' ? 'DTLS' : 'TLS') : protocol.toUpperCase();
  return {
    name: turn ? `TURN over ${layer}` : 'STUN',
    type: turn ? 'relay' : 'srflx',
    address: `${scheme} ${host} ${port ?? (secure ? 5349 : 3478)}`,
    transport,
  };
}

/**
 * Browsers complete the URLs that they report, or leave the transport away.
 *
 * @param {IceUrl} a
 * @param {IceUrl} b
 */
function isSameServer(a, b) {
  const sameTransport = !a.transport || !b.transport || a.transport === b.transport;
  return a.address === b.address && sameTransport;
}

/**
 * Browsers tell IPv6 addresses with brackets or without.
 *
 * @param {string | null | undefined} host
 * @param {number | null | undefined} port
 */
export function hostPort(host, port) {
  const isBare = host?.includes(':') && !host.startsWith('[');
  return host ? `${isBare ? `[${host}]` : host}:${port}` : '–';
}
