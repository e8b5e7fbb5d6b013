/**
 * Numbers as people read them. What is not known is "–", never 0.
 */

const UNKNOWN = '–';

/** Units, by how much of the figure's own one they are; a list is in rising order. */
const MICROS = [[1, 'µs'], [1e3, 'ms'], [1e6, 's']];
const NANOS = [[1, 'ns'], [1e3, 'µs'], [1e6, 'ms']];
const BYTES = [[1, 'B'], [1e3, 'kB'], [1e6, 'MB'], [1e9, 'GB']];
const BITS = [[1, 'bit/s'], [1e3, 'kbit/s'], [1e6, 'Mbit/s'], [1e9, 'Gbit/s']];
const PERCENT = [[1, '%']];
const PACKETS = [[1, 'packets']];
const RATE = [[1, 'packets/s']];
const COUNT = [[1, '']];
const COUNT_RATE = [[1, 'a second']];

const isKnown = (value) => typeof value === 'number' && Number.isFinite(value);

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const decimal = (value, places) =>
  value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });

/** The greatest unit that a figure has at least one of. */
const fitting = (units, figure) => units.findLast(([least]) => least <= figure) ?? units[0];

/**
 * One unit and one number of decimal places for figures that stand beside each other: three digits
 * of the smallest, so that nothing but 0 reads as 0.
 *
 * @param {(number | null)[]} values
 * @param {[number, string][]} units
 */
function inOneUnit(values, units) {
  const sizes = values.filter(isKnown).map(Math.abs).filter((size) => size > 0);
  const [factor, name] = fitting(units, Math.max(...sizes));
  const unit = values.some(isKnown) ? name : '';
  const scaled = sizes.map((size) => size / factor);
  const whole = scaled.every(Number.isInteger);
  const places = whole ? 0 : clamp(2 - Math.floor(Math.log10(Math.min(...scaled))), 0, 3);
  const write = (value) => {
    if (!isKnown(value)) {
      return UNKNOWN;
    }
    const text = decimal(value / factor, value === 0 ? 0 : places);
    return value !== 0 && Number(text) === 0 ? `< ${10 ** -places}` : text;
  };
  return { unit, write };
}

/** A figure alone, with its unit. */
function withUnit(value, units) {
  const { unit, write } = inOneUnit([value], units);
  return isKnown(value) ? `${write(value)}\u00a0${unit}` : UNKNOWN;
}

/** Few digits, for an axis: 20,000; or 50k, 1.2M where there are more. */
function axisLabels(ticks) {
  const style = Math.max(...ticks) < 1e5
    ? { maximumFractionDigits: 6 }
    : { notation: 'compact', maximumSignificantDigits: 3 };
  return ticks.map((tick) => tick.toLocaleString('en-US', style).replace('K', 'k'));
}

/** About `most` steps of 1, 2 or 5, or tens of them, from 0 to at least `top`. */
function evenTicks(top, most, least = 0) {
  const rough = Math.max((top > 0 ? top : 1) / most, least);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * decade).find((size) => size >= rough * 0.999);
  return Array.from({ length: Math.ceil((top > 0 ? top : 1) / step - 1e-9) + 1 }, (_, i) => i * step);
}

/** 1, 2, 5, 10, 20 … from below `low` to above `high`; where that is much, decades alone. */
function logTicks(low, high) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const ticks = [];
  for (let decade = first; decade <= last; decade++) {
    ticks.push(...(last - first > 2 ? [1] : [1, 2, 5]).map((digit) => digit * 10 ** decade));
  }
  const from = ticks.findLastIndex((tick) => tick <= low);
  const to = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(from, Math.max(to, from + 1) + 1);
}
