/**
 * Reads the figures of a running self-call from getStats.
 */

import { pairOf } from './hairpin.js';

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
  const [there, here] = [pairOf(caller), pairOf(callee)];
  const seconds = there.pair?.currentRoundTripTime ?? report?.roundTripTime;
  return {
    atMs: performance.now(),
    bytes: here.pair?.bytesReceived ?? 0,
    roundTripMs: seconds === undefined ? undefined : seconds * 1000,
    packets: video?.packetsReceived ?? 0,
    lost: Math.max(0, video?.packetsLost ?? 0),
    frames: video?.framesDecoded ?? 0,
    caller: there.pair && there,
    callee: here.pair && here,
  };
}
