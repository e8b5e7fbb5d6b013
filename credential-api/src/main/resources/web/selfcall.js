/**
 * Two peer connections in one page that call each other over the relay alone.
 */

import { PATIENCE_MS, explain, readFailure } from './candidates.js';

const UNREACHABLE = 'the two relayed addresses do not reach each other';

/** One end of the call, and how its search for a relayed address goes. */
class End {
  relayed = 0;
  /** Why there may be no relayed address. */
  trouble = 'the TURN server does not answer';

  /** @param {RTCConfiguration} configuration */
  constructor(configuration) {
    this.connection = new RTCPeerConnection(configuration);
    this.channel = this.connection.createDataChannel('bytes', { negotiated: true, id: 0 });
    this.channel.binaryType = 'arraybuffer';
    this.connection.addEventListener('icecandidateerror', (event) => {
      // A refusal tells more than silence, whichever comes last.
      if (event.errorCode < 700) {
        this.trouble = explain(readFailure(event));
      }
    });
  }

  get connected() {
    return this.connection.connectionState === 'connected' && this.channel.readyState === 'open';
  }

  get hopeless() {
    const { connectionState, iceGatheringState } = this.connection;
    return connectionState === 'failed' || (iceGatheringState === 'complete' && !this.relayed);
  }

  /** @param {End} other */
  trickleTo(other) {
    this.connection.addEventListener('icecandidate', ({ candidate }) => {
      this.relayed += candidate?.candidate ? 1 : 0;
      // Closing one end makes the other's last candidates pointless, not wrong.
      other.connection.addIceCandidate(candidate ?? undefined).catch(() => {});
    });
  }
}

export class SelfCall {
  /** @type {(state: RTCPeerConnectionState) => void} told when the ends, once connected, change */
  onchange = () => {};

  /**
   * @param {RTCIceServer[]} iceServers
   * @param {MediaStream} stream what the caller sends
   */
  constructor(iceServers, stream) {
    /** @type {RTCConfiguration} */
    const configuration = { iceServers, iceTransportPolicy: 'relay', bundlePolicy: 'max-bundle' };
    this.caller = new End(configuration);
    this.callee = new End(configuration);
    this.caller.trickleTo(this.callee);
    this.callee.trickleTo(this.caller);
    /** @type {MediaStream} what the callee receives */
    this.received = new MediaStream();
    this.callee.connection.addEventListener('track', ({ track }) => this.received.addTrack(track));
    stream.getTracks().forEach((track) => this.caller.connection.addTrack(track, stream));
  }

  /**
   * Resolves when media and data can flow.
   *
   * @throws {Error} with the reason in words
   */
  async connect() {
    const ends = [this.caller, this.callee];
    const connected = new Promise((resolve, reject) => {
      const fail = () => {
        const silent = ends.find(({ relayed }) => relayed === 0);
        reject(new Error(silent ? `no relay candidate, ${silent.trouble}` : UNREACHABLE));
      };
      this.timer = setTimeout(fail, PATIENCE_MS);
      const look = () => {
        if (ends.every((end) => end.connected)) {
          resolve(undefined);
        } else if (ends.some((end) => end.hopeless)) {
          fail();
        }
      };
      for (const { connection, channel } of ends) {
        connection.addEventListener('icegatheringstatechange', look);
        connection.addEventListener('connectionstatechange', look);
        channel.addEventListener('open', look);
      }
    });
    try {
      await Promise.all([this.#negotiate(), connected]);
    } finally {
      clearTimeout(this.timer);
    }
    for (const { connection } of ends) {
      const tell = () => this.onchange(connection.connectionState);
      connection.addEventListener('connectionstatechange', tell);
    }
  }

  async #negotiate() {
    const [caller, callee] = [this.caller.connection, this.callee.connection];
    const offer = await caller.createOffer();
    await caller.setLocalDescription(offer);
    await callee.setRemoteDescription(offer);
    const answer = await callee.createAnswer();
    await callee.setLocalDescription(answer);
    await caller.setRemoteDescription(answer);
  }

  hangUp() {
    clearTimeout(this.timer);
    this.onchange = () => {};
    this.caller.connection.close();
    this.callee.connection.close();
  }
}
