/**
 * A small line plot of bit rates of the last minute, drawn in the colours of the page.
 */

const SAMPLES = 60;
const MARGIN = 22;

export class Plot {
  /** @type {number[]} */
  #values = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  clear() {
    this.#values = [];
    this.#draw();
  }

  /** @param {number} value */
  push(value) {
    this.#values = [...this.#values, value].slice(-SAMPLES);
    this.#draw();
  }

  #draw() {
    const { canvas } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    const pen = canvas.getContext('2d');
    if (!pen || width === 0) {
      return;
    }
    pen.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(canvas);
    const top = Math.max(1, ...this.#values);
    const x = (/** @type {number} */ i) =>
      width - 1 - ((this.#values.length - 1 - i) * width) / (SAMPLES - 1);
    const y = (/** @type {number} */ value) => height - 1 - (value / top) * (height - MARGIN - 1);

    pen.strokeStyle = style.getPropertyValue('--line');
    pen.strokeRect(0, y(top), width, 0);
    pen.strokeRect(0, y(0), width, 0);
    if (this.#values.length < 2) {
      return;
    }
    pen.fillStyle = style.getPropertyValue('--soft');
    pen.font = `12px ${style.fontFamily}`;
    pen.fillText(bitrate(top), 0, MARGIN - 8);

    const line = new Path2D();
    this.#values.forEach((value, i) => line.lineTo(x(i), y(value)));
    const area = new Path2D(line);
    area.lineTo(x(this.#values.length - 1), y(0));
    area.lineTo(x(0), y(0));
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue('--accent');
    pen.globalAlpha = 0.15;
    pen.fill(area);
    pen.globalAlpha = 1;
    pen.lineWidth = 2;
    pen.lineJoin = 'round';
    pen.stroke(line);
  }
}

/** @param {number} bits per second */
export function bitrate(bits) {
  return bits < 999_500 ? `${Math.round(bits / 1000)} kbit/s` : `${(bits / 1e6).toFixed(2)} Mbit/s`;
}
