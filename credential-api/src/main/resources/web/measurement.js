/**
 * Reads the figures of a running self-call from getStats.
 */

/**
 * @typedef {object} Pair
 * @property {any} local an RTCIceCandidateStats
 * @property {any} remote an RTCIceCandidateStats
 *
 * @typedef {object} Measurement
 * @property {number} atMs
 * @property {number} bytes received by the callee so far, media and data together
 * @property {number | undefined} roundTripMs
 * @property {number} packets of video, received
 * @property {number} lost packets of video
 * @property {number} frames decoded
 * @property {Pair | undefined} caller
 * @property {Pair | undefined} callee
 */

/**
 * @param {import('./selfcall.js').SelfCall} call
 * @returns {Promise<Measurement>}
 */
export async function measure(call) {
  const caller = [...(await call.caller.connection.getStats()).values()];
  const callee = [...(await call.callee.connection.getStats()).values()];
  const video = callee.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
  const report = caller.find(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video');
  const seconds = selectedPair(caller)?.currentRoundTripTime ?? report?.roundTripTime;
  return {
    atMs: performance.now(),
    bytes: selectedPair(callee)?.bytesReceived ?? 0,
    roundTripMs: seconds === undefined ? undefined : seconds * 1000,
    packets: video?.packetsReceived ?? 0,
    lost: Math.max(0, video?.packetsLost ?? 0),
    frames: video?.framesDecoded ?? 0,
    caller: candidates(caller),
    callee: candidates(callee),
  };
}

/**
 * Firefox marks the selected pair itself; others name it in the transport.
 *
 * @param {any[]} stats
 */
function selectedPair(stats) {
  const transport = stats.find((stat) => stat.type === 'transport' && stat.selectedCandidatePairId);
  return transport
    ? stats.find(({ id }) => id === transport.selectedCandidatePairId)
    : stats.find((stat) => stat.type === 'candidate-pair' && stat.selected);
}

/**
 * @param {any[]} stats
 * @returns {Pair | undefined}
 */
function candidates(stats) {
  const pair = selectedPair(stats);
  return (
    pair && {
      local: stats.find(({ id }) => id === pair.localCandidateId),
      remote: stats.find(({ id }) => id === pair.remoteCandidateId),
    }
  );
}
