/**
 * The moving test picture: a dot that runs a hairpin bend, and a frame counter.
 */

const FRAMES_PER_SECOND = 30;
const LAP_MS = 4000;

export class Scene {
  #frame = 0;
  #request = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.stillness = matchMedia('(prefers-reduced-motion: reduce)');
  }

  /** Starts to draw; the stream runs until stop. */
  start() {
    const start = performance.now();
    this.#frame = -1;
    const step = () => {
      const ms = performance.now() - start;
      const frame = Math.floor((ms * FRAMES_PER_SECOND) / 1000);
      if (frame !== this.#frame) {
        this.#frame = frame;
        this.#draw(ms);
      }
      this.#request = requestAnimationFrame(step);
    };
    step();
    this.stream = this.canvas.captureStream(FRAMES_PER_SECOND);
    return this.stream;
  }

  stop() {
    cancelAnimationFrame(this.#request);
    this.stream?.getTracks().forEach((track) => track.stop());
  }

  /** @param {number} ms since the start */
  #draw(ms) {
    const { width, height } = this.canvas;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    // Where motion is unwanted, frames still flow, but nothing moves except a slow counter.
    const still = this.stillness.matches;
    pen.fillStyle = '#0b2a27';
    pen.fillRect(0, 0, width, height);

    const [left, bend, radius, middle] = [width * 0.18, width * 0.66, height * 0.22, height * 0.46];
    pen.strokeStyle = '#2d5f59';
    pen.lineWidth = 22;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.moveTo(left, middle - radius);
    pen.arc(bend, middle, radius, -Math.PI / 2, Math.PI / 2);
    pen.lineTo(left, middle + radius);
    pen.stroke();

    const [dotX, dotY] = hairpin(still ? 0.5 : (ms % LAP_MS) / LAP_MS, left, bend, radius);
    pen.fillStyle = '#7fe0d2';
    pen.beginPath();
    pen.arc(dotX, middle + dotY, 13, 0, 2 * Math.PI);
    pen.fill();

    pen.fillStyle = '#e6f4f1';
    pen.font = '20px ui-monospace, monospace';
    const count = still ? `second ${Math.floor(ms / 1000)}` : `frame ${this.#frame}`;
    pen.fillText(count, 20, height - 20);
  }
}

/**
 * The place on the bend after this part of the way, relative to its middle line.
 *
 * @param {number} part from 0 to 1
 * @param {number} left
 * @param {number} bend
 * @param {number} radius
 * @returns {[number, number]}
 */
function hairpin(part, left, bend, radius) {
  const straight = bend - left;
  const way = part * (2 * straight + Math.PI * radius);
  if (way < straight) {
    return [left + way, -radius];
  }
  const angle = (way - straight) / radius;
  if (angle < Math.PI) {
    return [bend + radius * Math.sin(angle), -radius * Math.cos(angle)];
  }
  return [bend - (way - straight - Math.PI * radius), radius];
}
