/**
 * Camera, microphone, screen and test picture: what to choose from, and what to do where the browser
 * refuses.
 */

import { element } from './dom.js';
import { Scene } from './scene.js';

/** Enough for a tile; eight of them are much for a phone. */
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 } };

/** What a browser means when it refuses, and what helps. */
const REFUSALS = new Map([
  [
    'NotAllowedError',
    'the browser may not use it. Allow it by the sign beside the address, and try again',
  ],
  ['NotFoundError', 'there is none. Plug one in, or choose another'],
  ['OverconstrainedError', 'the one that was chosen is gone. Choose another'],
  ['NotReadableError', 'another program uses it. Close that program, and try again'],
  ['AbortError', 'the device does not start. Try again, or choose another'],
  ['SecurityError', 'the settings of this browser forbid it'],
]);

const INSECURE =
  'this page did not come by HTTPS, and without it browsers give none. Open it by an address that' +
  ' begins with https://';

/** Why something of ours is not there, in words for people. */
export class DeviceProblem extends Error {}

export class Devices {
  #scene;

  /**
   * @param {HTMLSelectElement} camera
   * @param {HTMLSelectElement} microphone
   */
  constructor(camera, microphone) {
    this.camera = camera;
    this.microphone = microphone;
    const canvas = element('canvas', { width: 640, height: 360 });
    this.#scene = new Scene(/** @type {HTMLCanvasElement} */ (canvas));
    navigator.mediaDevices?.addEventListener('devicechange', () => this.list());
  }

  /** Fills the two lists. Names are told only once the browser has allowed a device. */
  async list() {
    const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const of = (/** @type {MediaDeviceKind} */ kind) =>
      found
        .filter((device) => device.kind === kind && device.deviceId && device.label)
        .map(({ deviceId, label }) => /** @type {[string, string]} */ ([deviceId, label]));
    offer(this.camera, [
      ['default', 'Camera'],
      ...of('videoinput'),
      ['test', 'Test picture'],
      ['none', 'No picture'],
    ]);
    offer(this.microphone, [
      ['default', 'Microphone'],
      ...of('audioinput'),
      ['none', 'No sound'],
    ]);
  }

  /**
   * The chosen picture.
   *
   * @returns {Promise<MediaStreamTrack | null>}
   * @throws {DeviceProblem}
   */
  async picture() {
    const choice = this.camera.value;
    if (choice === 'test') {
      this.#scene.stop();
      return this.#scene.start().getVideoTracks()[0];
    }
    return choice === 'none'
      ? null
      : track('Camera', { video: { ...PICTURE, ...exactly(choice) } });
  }

  /**
   * The chosen microphone.
   *
   * @returns {Promise<MediaStreamTrack | null>}
   * @throws {DeviceProblem}
   */
  async sound() {
    const choice = this.microphone.value;
    return choice === 'none' ? null : track('Microphone', { audio: exactly(choice) });
  }
}

/**
 * What the user shares of the screen, or null where they would rather not.
 *
 * @returns {Promise<MediaStreamTrack | null>}
 * @throws {DeviceProblem}
 */
export async function screen() {
  if (!navigator.mediaDevices?.getDisplayMedia) {
    const why = globalThis.isSecureContext ? 'this browser cannot share it' : INSECURE;
    throw new DeviceProblem(`Screen: ${why}.`);
  }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
    return stream.getVideoTracks()[0];
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (name === 'NotAllowedError') {
      return null;
    }
    throw new DeviceProblem(`Screen: ${REFUSALS.get(name) ?? name}.`);
  }
}

/**
 * @param {string} what
 * @param {MediaStreamConstraints} constraints
 */
async function track(what, constraints) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DeviceProblem(`${what}: ${INSECURE}.`);
  }
  try {
    return (await navigator.mediaDevices.getUserMedia(constraints)).getTracks()[0];
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    throw new DeviceProblem(`${what}: ${REFUSALS.get(name) ?? `${name} ${message}`}.`);
  }
}

/** @param {string} choice empty as long as the lists are */
function exactly(choice) {
  return choice === '' || choice === 'default' ? {} : { deviceId: { exact: choice } };
}

/**
 * @param {HTMLSelectElement} select which keeps its choice where there still is one
 * @param {[value: string, words: string][]} choices
 */
function offer(select, choices) {
  const before = select.value;
  select.replaceChildren(
    ...choices.map(([value, words]) => element('option', { value }, words)),
  );
  if (choices.some(([value]) => value === before)) {
    select.value = before;
  }
}
