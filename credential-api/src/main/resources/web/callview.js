/**
 * The third step on the page: starts and ends the self-call, shows its figures, sends bytes.
 */

import { announce, byId, exclusive, row } from './dom.js';
import { hostPort } from './candidates.js';
import { measure } from './measurement.js';
import { Plot, bitrate } from './plot.js';
import { Scene } from './scene.js';
import { SelfCall } from './selfcall.js';
import { compare, randomBytes, transfer } from './transfer.js';

const TRANSFER_BYTES = 1_000_000;
const MEASURE_EVERY_MS = 1000;

export class CallView {
  #scene = new Scene(byId('scene'));
  #plot = new Plot(byId('plot'));
  /** @type {SelfCall | undefined} */
  #call;
  /** @type {import('./measurement.js').Measurement | undefined} */
  #last;
  #timer = 0;

  /** @param {() => RTCIceServer[]} iceServers */
  constructor(iceServers) {
    this.iceServers = iceServers;
    byId('call').addEventListener('click', () => (this.#call ? this.#hangUp() : this.#start()));
    byId('send').addEventListener(
      'click',
      exclusive(byId('send'), () => this.#send()),
    );
  }

  enable() {
    byId('call').disabled = false;
  }

  async #start() {
    announce('selfcall', 'connecting', 'Both ends ask for a relayed address…');
    announceTransfer('idle', '');
    byId('call-view').hidden = true;
    byId('call').textContent = 'Hang up';
    const start = performance.now();
    /** @type {SelfCall | undefined} */
    let call;
    try {
      call = this.#call = new SelfCall(this.iceServers(), this.#scene.start());
      byId('received').srcObject = call.received;
      await call.connect();
    } catch (error) {
      if (this.#call === call) {
        this.#end('failed', `The call failed: ${/** @type {Error} */ (error).message}.`);
      }
      return;
    }
    const ms = Math.round(performance.now() - start);
    announce('selfcall', 'connected', `Connected over the relay in ${ms} ms.`);
    byId('send').disabled = false;
    byId('call-view').hidden = false;
    this.#plot.clear();
    call.onchange = (state) => this.#changed(state);
    this.#last = undefined;
    this.#timer = setInterval(() => this.#measure(call), MEASURE_EVERY_MS);
    await this.#measure(call);
  }

  /** @param {RTCPeerConnectionState} state */
  #changed(state) {
    if (state === 'failed') {
      this.#end('failed', 'The call broke: the relay answers no more.');
    } else if (state === 'disconnected') {
      announce('selfcall', 'interrupted', 'Nothing comes through. Waiting…');
    } else if (state === 'connected') {
      announce('selfcall', 'connected', 'Connected again.');
    }
  }

  #hangUp() {
    this.#end('ended', 'Hung up.');
  }

  /**
   * @param {string} state
   * @param {string} words
   */
  #end(state, words) {
    clearInterval(this.#timer);
    this.#call?.hangUp();
    this.#call = undefined;
    this.#scene.stop();
    byId('call').textContent = 'Start the call';
    byId('send').disabled = true;
    announce('selfcall', state, words);
  }

  /** @param {SelfCall} call */
  async #measure(call) {
    const now = await measure(call);
    if (this.#call !== call) {
      return;
    }
    const before = this.#last;
    this.#last = now;
    if (before) {
      const bits = ((now.bytes - before.bytes) * 8000) / (now.atMs - before.atMs);
      byId('bitrate').textContent = bitrate(bits);
      this.#plot.push(bits);
    }
    const packets = now.packets + now.lost;
    byId('loss').textContent = packets ? `${((now.lost / packets) * 100).toFixed(1)} %` : '–';
    byId('round-trip').textContent = roundTrip(now.roundTripMs);
    byId('frames').textContent = String(now.frames);
    byId('pair-rows').replaceChildren(pairRow('Caller', now.caller), pairRow('Callee', now.callee));
  }

  async #send() {
    const call = this.#call;
    if (!call) {
      return;
    }
    announceTransfer('busy', 'Sending 1 MB…');
    const start = performance.now();
    try {
      const sent = randomBytes(TRANSFER_BYTES);
      const received = await transfer(call.caller.channel, call.callee.channel, sent);
      const ms = Math.round(performance.now() - start);
      const { equal, words } = await compare(sent, received);
      announceTransfer(equal ? 'done' : 'failed', `1 MB arrived in ${ms} ms: ${words}.`);
    } catch (error) {
      announceTransfer('failed', `1 MB did not arrive: ${/** @type {Error} */ (error).message}.`);
    }
  }
}

/**
 * @param {string} state
 * @param {string} words
 */
function announceTransfer(state, words) {
  const status = byId('transfer-status');
  status.dataset.state = state;
  status.textContent = words;
}

/**
 * @param {string} end
 * @param {import('./measurement.js').Pair | undefined} pair
 */
function pairRow(end, pair) {
  const types = {
    'data-local': pair?.local?.candidateType,
    'data-remote': pair?.remote?.candidateType,
    'data-relay-protocol': pair?.local?.relayProtocol ?? '',
  };
  return row({ 'data-end': end.toLowerCase(), ...types }, [
    ['End', end],
    ['Local', candidate(pair?.local), 'address'],
    ['Remote', candidate(pair?.remote), 'address'],
  ]);
}

/** @param {any} stats */
function candidate(stats) {
  if (!stats) {
    return '–';
  }
  const where = hostPort(stats.address ?? stats.ip, stats.port);
  const way = stats.relayProtocol ? `, reached over ${stats.relayProtocol.toUpperCase()}` : '';
  return `${stats.candidateType} ${stats.protocol} ${where}${way}`;
}

/** @param {number | undefined} ms which some browsers round to whole ones */
function roundTrip(ms) {
  return ms === undefined ? '–' : ms < 1 ? '< 1 ms' : `${ms.toFixed(1)} ms`;
}
