/**
 * What is sent: the chosen devices, muted or not, or the screen in the camera's place.
 */

import { byId, exclusive } from './dom.js';
import { DeviceProblem, screen } from './devices.js';

export class Controls {
  /** @type {MediaStreamTrack | null} */
  #sound = null;
  /** @type {MediaStreamTrack | null} */
  #picture = null;
  /** @type {MediaStreamTrack | null} */
  #screen = null;
  #muted = false;
  #dark = false;
  /** @type {import('./hairpin.js').Room | undefined} */
  #room;

  /**
   * @param {import('./devices.js').Devices} devices
   * @param {(track: MediaStreamTrack | null, mirrored: boolean) => void} onpicture
   */
  constructor(devices, onpicture) {
    this.devices = devices;
    this.onpicture = onpicture;
    const on = (/** @type {string} */ id, /** @type {() => Promise<void>} */ task) =>
      byId(id).addEventListener('click', exclusive(byId(id), task));
    on('mute', () => this.#mute(!this.#muted));
    on('camera-off', () => this.#darken(!this.#dark));
    on('share-screen', () => (this.#screen ? this.#unshare() : this.#share()));
    on('preview', async () => {
      await this.open();
    });
    for (const id of ['camera', 'microphone']) {
      byId(id).addEventListener('change', () => this.#chosen());
    }
  }

  /** @param {import('./hairpin.js').Room} room */
  attach(room) {
    this.#room = room;
    this.#send();
  }

  /** Lets go of camera and microphone; the next call begins as the first did. */
  detach() {
    this.#room = undefined;
    [this.#sound, this.#picture, this.#screen].forEach((track) => track?.stop());
    this.#sound = this.#picture = this.#screen = null;
    this.#muted = this.#dark = false;
    this.#pressed();
    showPreview(null);
  }

  /** Opens what was chosen; false where something cannot be, which is said then. */
  async open() {
    say('');
    const picked = async () => (this.#dark ? null : this.devices.picture());
    const [sound, picture] = [
      await this.#attempt(() => this.devices.sound(), 'microphone', this.#sound),
      await this.#attempt(picked, 'camera', this.#picture),
    ];
    [this.#sound, this.#picture] = [sound ?? null, picture ?? null];
    await this.devices.list();
    await this.#send();
    return sound !== undefined && picture !== undefined;
  }

  /**
   * @param {() => Promise<MediaStreamTrack | null>} ask
   * @param {'camera' | 'microphone'} device which is chosen away where it cannot be had
   * @param {MediaStreamTrack | null} former
   */
  async #attempt(ask, device, former) {
    former?.stop(); // some devices cannot be opened twice
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof DeviceProblem)) {
        throw error;
      }
      this.devices[device].value = 'none';
      const without = device === 'camera' ? 'No picture' : 'No sound';
      say(`${byId('devices-status').textContent} ${error.message} “${without}” is chosen.`.trim());
      return undefined;
    }
  }

  async #chosen() {
    if (this.#room || this.#picture || this.#sound) {
      await this.open();
    }
  }

  /** @param {boolean} muted */
  async #mute(muted) {
    this.#muted = muted;
    await this.#send();
  }

  /** Off is off: the camera's light goes out. @param {boolean} dark */
  async #darken(dark) {
    this.#dark = dark;
    if (dark) {
      this.#picture?.stop();
      this.#picture = null;
    } else {
      say('');
      this.#picture =
        (await this.#attempt(() => this.devices.picture(), 'camera', this.#picture)) ?? null;
    }
    await this.#send();
  }

  async #share() {
    say('');
    try {
      this.#screen = await screen();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
    this.#screen?.addEventListener('ended', () => this.#unshare());
    await this.#send();
  }

  async #unshare() {
    this.#screen?.stop();
    this.#screen = null;
    await this.#send();
  }

  async #send() {
    if (this.#sound) {
      this.#sound.enabled = !this.#muted;
    }
    const picture = this.#screen ?? this.#picture;
    const mirrored = !this.#screen && this.devices.camera.value !== 'test';
    this.#pressed();
    if (this.#room) {
      showPreview(null);
      this.onpicture(picture, mirrored);
      await this.#room.setTrack('audio', this.#sound);
      await this.#room.setTrack('video', picture);
    } else {
      showPreview(picture, mirrored);
    }
  }

  #pressed() {
    const set = (/** @type {string} */ id, /** @type {boolean} */ pressed) =>
      (byId(id).ariaPressed = String(pressed));
    set('mute', this.#muted);
    set('camera-off', this.#dark);
    set('share-screen', this.#screen !== null);
  }
}

/** @param {MediaStreamTrack | null} track */
function showPreview(track, mirrored = false) {
  const video = byId('own-preview');
  video.srcObject = track && new MediaStream([track]);
  video.hidden = !track;
  video.classList.toggle('mirrored', mirrored);
}

/** @param {string} words */
function say(words) {
  const status = byId('devices-status');
  status.textContent = words;
  status.dataset.state = words ? 'failed' : 'idle';
}
