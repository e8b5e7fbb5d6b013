/**
 * A plot of lines in panels that share their axes, as SVG as wide as there is room.
 *
 * @typedef {{ panel: number, x: number, y: number | null }} Point
 * @typedef {{ target: number, kind: string, style: string, points: Point[] }} Series
 * @typedef {object} Spec
 * @property {string} title
 * @property {[number, string][]} units of y
 * @property {boolean} [log] whether y is logarithmic; x is where `rates` is set
 * @property {boolean} [rates] whether x is a rate rather than a time
 * @property {boolean} [wide]
 * @property {string[]} targets
 * @property {string[]} panels
 * @property {Series[]} series
 */

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 230;
const TOP = 26;
const BOTTOM = 28;
const BETWEEN = 14;
const DIGIT = 7;
const PRINT_WIDTH = 680;

let plots = 0;

/** Makes an element; everything that comes from outside becomes text, never markup. */
function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function drawing(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/** @param {Spec} spec */
function plot(spec) {
  const known = spec.series.flatMap((series) => series.points.map((point) => point.y));
  const { unit } = inOneUnit(known, spec.units);
  const axes = [spec.log ? '' : unit, spec.rates ? `by rate in ${RATE[0][1]}` : ''];
  const heading = element('h3', {}, `${spec.title} `,
    element('small', {}, axes.filter(Boolean).join(', ')));
  const figure = element('figure', { class: spec.wide ? 'wide' : '' }, heading);
  if (!known.some(isKnown)) {
    figure.append(element('p', { class: 'soft' }, `${UNKNOWN} not measured`));
    return figure;
  }
  const canvas = element('div', {
    class: 'canvas',
    tabindex: 0,
    role: 'group',
    'aria-label': `Values of ${spec.title}: arrow keys move along the axis`,
  });
  const values = element('div', { class: 'values', role: 'status', hidden: '' });
  canvas.append(values);
  figure.append(legend(spec), canvas);
  let drawn = null;
  const draw = (width) => {
    values.hidden = true;
    drawn?.svg.remove();
    drawn = drawPlot(spec, width);
    canvas.prepend(drawn.svg);
  };
  new ResizeObserver(() => draw(canvas.clientWidth)).observe(canvas);
  addEventListener('beforeprint', () => draw(PRINT_WIDTH));
  addEventListener('afterprint', () => draw(canvas.clientWidth));
  followPointer(spec, canvas, values, () => drawn);
  return figure;
}

/** Colours are targets, styles are kinds; what there is only one of needs no key. */
function legend(spec) {
  const sample = (classes) =>
    drawing('svg', { viewBox: '0 0 28 8', 'aria-hidden': 'true' },
      drawing('path', { class: `line ${classes}`, d: 'M2 4H26' }));
  const targets = spec.targets.map((name, i) => element('li', {}, sample(`target-${i}`), name));
  const kinds = spec.series.filter((series) => series.target === 0).map((series) =>
    element('li', {}, sample(series.style), series.kind));
  const keys = [targets, kinds].filter((list) => list.length > 1).flat();
  return element('ul', { class: 'legend' }, ...keys);
}

function drawPlot(spec, width) {
  const points = spec.series.flatMap((series) => series.points).filter((point) => isKnown(point.y));
  const y = verticalScale(spec, points.map((point) => point.y));
  const left = Math.max(...y.labels.map((label) => label.length)) * DIGIT + 10;
  const panelWidth = (width - left - 8 + BETWEEN) / spec.panels.length - BETWEEN;
  const x = horizontalScale(spec, points.map((point) => point.x), panelWidth);
  const place = (point) => ({
    x: left + point.panel * (panelWidth + BETWEEN) + x.part(point.x) * panelWidth,
    y: HEIGHT - BOTTOM - y.part(point.y) * (HEIGHT - BOTTOM - TOP),
  });
  const id = `plot-${++plots}`;
  const svg = drawing('svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-labelledby': `${id} ${id}-d` },
    drawing('title', { id }, spec.title), drawing('desc', { id: `${id}-d` }, inWords(spec)));
  spec.panels.forEach((label, panel) => {
    const from = place({ panel, x: x.ticks[0], y: y.ticks[0] });
    svg.append(drawing('text', { x: from.x, y: 14 }, label));
    y.ticks.forEach((tick, i) => {
      const at = place({ panel, x: x.ticks[0], y: tick }).y;
      const style = i === 0 ? 'axis' : 'grid';
      svg.append(drawing('path', { class: style, d: `M${from.x} ${at}h${panelWidth}` }));
      if (panel === 0) {
        svg.append(drawing('text', { class: 'end', x: left - 6, y: at + 4 }, y.labels[i]));
      }
    });
    x.ticks.forEach((tick, i) => {
      const at = place({ panel, x: tick, y: y.ticks[0] });
      const last = i === x.ticks.length - 1;
      svg.append(
        drawing('path', { class: 'axis', d: `M${at.x} ${at.y}v4` }),
        drawing('text', { class: last ? 'end' : i ? 'middle' : '', x: at.x, y: HEIGHT - 8 }, x.labels[i]));
    });
  });
  for (const series of spec.series.toReversed()) { // the first target lies on top
    svg.append(drawSeries(spec, series, place));
  }
  return { svg, place, left };
}

function drawSeries(spec, series, place) {
  let path = '';
  let last = null;
  const group = drawing('g', {
    class: `series target-${series.target}`,
    'data-series': `${series.target} ${series.kind}`,
  });
  for (const point of series.points) {
    if (!isKnown(point.y)) {
      last = null;
      continue;
    }
    const at = place(point);
    const joined = last?.panel === point.panel;
    const here = `${at.x.toFixed(1)} ${at.y.toFixed(1)}`;
    path += joined ? `L${here}` : `M${here}h0`; // a point alone is a dot
    last = point;
  }
  group.append(drawing('path', { class: `line ${series.style}`, d: path }));
  if (spec.rates) {
    group.append(...series.points.filter((point) => isKnown(point.y)).map(place)
      .map((at) => drawing('circle', { class: 'dot', cx: at.x, cy: at.y, r: 3.5 })));
  }
  return group;
}

function verticalScale(spec, values) {
  const high = Math.max(...values);
  if (!spec.log) {
    const [factor] = fitting(spec.units, high);
    const ticks = evenTicks(high / factor, 4);
    const labels = axisLabels(ticks);
    return { ticks: ticks.map((tick) => tick * factor), labels, part: (value) => value / factor / ticks.at(-1) };
  }
  const positive = values.filter((value) => value > 0);
  const ticks = logTicks(Math.min(...positive, high || 1), high || 1);
  const [low, top] = [ticks[0], ticks.at(-1)];
  return {
    ticks,
    labels: ticks.map((tick) => withUnit(tick, spec.units)),
    part: (value) => Math.log(Math.max(value, low) / low) / Math.log(top / low),
  };
}

function horizontalScale(spec, values, width) {
  if (spec.rates) {
    const ticks = logTicks(Math.min(...values), Math.max(...values));
    const [low, top] = [ticks[0], ticks.at(-1)];
    const every = Math.ceil((ticks.length * 60) / width);
    return {
      ticks,
      labels: axisLabels(ticks).map((label, i) => (ticks.length - 1 - i) % every ? '' : label),
      part: (value) => Math.log(value / low) / Math.log(top / low),
    };
  }
  const ticks = evenTicks(Math.max(...values), clamp(Math.floor(width / 45), 1, 10), 1);
  const end = ticks.at(-1);
  const labels = ticks.map((tick) => tick === end ? `${tick} s` : String(tick));
  return { ticks, labels, part: (value) => value / end };
}

/** What the plot shows, for whom cannot see it. */
function inWords(spec) {
  return spec.series.map((series) => {
    const values = series.points.map((point) => point.y).filter(isKnown).sort((a, b) => a - b);
    const name = `${spec.targets[series.target]}, ${series.kind}: `;
    if (values.length === 0) {
      return `${name}not measured.`;
    }
    const [low, middle, high] = [values[0], values[values.length >> 1], values.at(-1)]
      .map((value) => withUnit(value, spec.units));
    return `${name}${low} to ${high}, median ${middle}.`;
  }).join(' ');
}

/** Shows the values at the place nearest to the pointer, or where arrow keys have moved to. */
function followPointer(spec, canvas, values, drawn) {
  const stops = [...new Map(spec.series.flatMap((series) => series.points)
    .map((point) => [`${point.panel} ${point.x}`, { panel: point.panel, x: point.x }])).values()]
    .sort((a, b) => a.panel - b.panel || a.x - b.x);
  const cursor = drawing('path', { class: 'cursor' });
  let current = -1;
  const show = (index) => {
    current = clamp(index, 0, stops.length - 1);
    const stop = stops[current];
    const { svg, place } = drawn();
    const at = place({ ...stop, y: 1 }).x;
    cursor.setAttribute('d', `M${at} ${TOP}V${HEIGHT - BOTTOM}`);
    svg.append(cursor);
    values.replaceChildren(valuesAt(spec, stop));
    values.hidden = false;
    const room = canvas.clientWidth - values.offsetWidth;
    const beside = at > canvas.clientWidth / 2 ? at - values.offsetWidth - 12 : at + 12;
    values.style.left = `${clamp(beside, 0, Math.max(room, 0))}px`;
  };
  const hide = () => {
    values.hidden = true;
    cursor.remove();
  };
  const follow = (event) => {
    const { place } = drawn();
    const at = event.clientX - canvas.getBoundingClientRect().left;
    const distances = stops.map((stop) => Math.abs(place({ ...stop, y: 1 }).x - at));
    show(distances.indexOf(Math.min(...distances)));
  };
  canvas.addEventListener('pointermove', follow);
  canvas.addEventListener('pointerdown', follow);
  canvas.addEventListener('pointerleave', hide);
  canvas.addEventListener('blur', hide);
  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      show(current + step);
      event.preventDefault();
    } else if (event.key === 'Escape') {
      hide();
    }
  });
}

function valuesAt(spec, stop) {
  const kinds = spec.series.filter((series) => series.target === 0);
  const at = (target, kind) => spec.series
    .find((series) => series.target === target && series.kind === kind)?.points
    .find((point) => point.panel === stop.panel && point.x === stop.x)?.y;
  const where = spec.rates
    ? withUnit(stop.x, RATE)
    : [spec.panels[stop.panel], withUnit(stop.x, [[1, 's']])].filter(Boolean).join(', ');
  const head = spec.targets.map((name, i) =>
    element('th', { scope: 'col', class: `target-${i}` }, name));
  const rows = kinds.map(({ kind }) => element('tr', {}, element('th', { scope: 'row' }, kind),
    ...spec.targets.map((_, i) => element('td', {}, withUnit(at(i, kind), spec.units)))));
  return element('table', {}, element('caption', {}, where),
    element('thead', {}, element('tr', {}, element('td'), ...head)),
    element('tbody', {}, ...rows));
}
