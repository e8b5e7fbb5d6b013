/**
 * The page: the result in words, in a table and in plots. The JSON's form is in docs/bench.md.
 */

const text = document.getElementById('data').textContent;
const data = JSON.parse(text);
const { load, host, targets } = data;
const names = targets.map((target, i) =>
  targets.some((other) => other !== target && other.name === target.name)
    ? `${target.name} (${i + 1})`
    : target.name);
const isDuel = targets.length > 1;

/** A figure of every target, null where there is none. */
const each = (pick) => targets.map((target) => pick(target) ?? null);

/** The JSON's own ratio, or else that of the two figures. */
function ratioOf(key, [first, second]) {
  const given = key && data.ratios ? data.ratios[key] : undefined;
  const made = isKnown(first) && isKnown(second) && second !== 0 ? first / second : null;
  return given === undefined ? made : given;
}

const perSecond = (figures) =>
  isKnown(figures?.received) ? figures.received / load.durationSeconds : null;
const bitsPerSecond = (figures) =>
  isKnown(figures?.receivedBytes) ? (figures.receivedBytes * 8) / load.durationSeconds : null;

// In words

const asRatio = (ratio) => decimal(ratio, 2);

function headline() {
  const [first, second] = names;
  const highest = each((target) => target.search?.highestRateWithoutLoss);
  const rates = each((target) => perSecond(target.median));
  const cpu = data.ratios?.cpuNanosPerPacket;
  const latency = data.ratios?.p99;
  if (isKnown(highest[0])) {
    const other = isKnown(highest[1]) ? `, ${second} ${withUnit(highest[1], RATE)}` : '';
    return `${first} carried ${withUnit(highest[0], RATE)} without loss${other}`;
  }
  if (isDuel && isKnown(cpu)) {
    return `${first} used ${asRatio(cpu)} of ${second}’s CPU per packet`;
  }
  if (isDuel && isKnown(latency)) {
    return `${first}’s p99 latency was ${asRatio(latency)} of ${second}’s`;
  }
  if (isDuel) {
    return `${first} relayed ${withUnit(rates[0], RATE)}, ${second} ${withUnit(rates[1], RATE)}`;
  }
  return isKnown(rates[0])
    ? `${first} relayed ${withUnit(rates[0], RATE)} with ${lossInWords(targets[0].median)}`
    : `${first} relayed nothing that could be measured`;
}

const lossInWords = ({ lossPercent }) =>
  lossPercent === 0 ? 'no loss' : `a loss of ${withUnit(lossPercent, PERCENT)}`;

function lead() {
  return targets.map((target, i) => {
    const median = target.median ?? {};
    const parts = [
      [perSecond(median), (rate) => `${withUnit(rate, RATE)} came through`],
      [median.lossPercent, (loss) => `${withUnit(loss, PERCENT)} was lost`],
      [median.latencyMicros?.p99, (p99) => `p99 latency ${withUnit(p99, MICROS)}`],
      [median.cpuNanosPerPacket, (cpu) => `${withUnit(cpu, NANOS)} of CPU per packet`],
    ].filter(([value]) => isKnown(value)).map(([value, say]) => say(value));
    return element('p', {}, `${names[i]}: ${parts.join(', ') || 'nothing measured'}.`);
  });
}

function loadInWords() {
  const way = {
    up: 'from clients to a peer',
    down: 'from a peer to clients',
    echo: 'from clients to a peer and back',
  }[load.direction] ?? load.direction;
  const payload = Number(load.payload) === load.payloadBytes
    ? `payloads of ${load.payloadBytes} bytes`
    : `${load.payload} (payloads of ${load.payloadBytes} bytes)`;
  const rate = isKnown(load.ratePerSecond)
    ? withUnit(load.ratePerSecond, RATE)
    : 'as many packets as the sender can';
  const rounds = load.rounds === 1 ? 'one round' : `${load.rounds} rounds`;
  return `${load.clients} ${load.clients === 1 ? 'client' : 'clients'}, ${way}, ${payload}, ${rate}; `
    + `${rounds} of ${load.durationSeconds} s, after ${load.warmUpSeconds} s of warming up`;
}

function about() {
  const moment = new Date(data.startedAt);
  const when = Number.isNaN(moment.getTime())
    ? String(data.startedAt)
    : `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const list = [['Load', loadInWords()]];
  targets.forEach((target, i) => {
    const process = isKnown(target.pid) ? `process ${target.pid}` : null;
    const parts = [target.url, target.software, process];
    list.push([names[i], parts.filter(Boolean).join(', ')]);
  });
  list.push(
    ['Host', `${host.os}, ${host.cpus} × ${host.cpu}, Java ${host.java}`],
    ['Tool', `${data.tool} ${data.version}, ${when}`]);
  document.getElementById('about').append(...list.flatMap(([term, words]) =>
    [element('dt', {}, term), element('dd', {}, words)]));
  document.getElementById('when').textContent = `${data.tool} · ${when}`;
  const link = document.getElementById('download');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `bench-${when.replace(/\W+/g, '-')}.json`;
}

function trouble() {
  const found = targets.flatMap((target, i) => [
    ...target.runs.flatMap((run) => [run.error, run.warning].filter(Boolean)
      .map((words) => `round ${run.round}: ${words}`)),
    ...(target.setup?.failed > 0
      ? [`${target.setup.failed} of ${target.setup.allocations} allocations failed`] : []),
    ...(target.median?.corrupt > 0
      ? [`${withUnit(target.median.corrupt, PACKETS)} came out changed`] : []),
  ].map((words) => element('li', {}, `${names[i]}, ${words}`)));
  document.querySelector('#trouble ul').append(...found);
  document.getElementById('trouble').hidden = found.length === 0;
}

// The table

/**
 * Groups of rows and where their figures are. A row is its name, its units, how it is picked, what
 * the JSON calls its ratio, and whether more or less is better.
 */
const GROUPS = [
  ['Relaying', 'median', [
    ['Sent', PACKETS, (f) => f.sent],
    ['Received', PACKETS, (f) => f.received],
    ['Throughput', RATE, perSecond, 'received', 'more'],
    ['Payload', BITS, bitsPerSecond],
    ['Loss', PERCENT, (f) => f.lossPercent, 'lossPercent', 'less'],
    ['Duplicates', PACKETS, (f) => f.duplicates],
    ['Out of order', PACKETS, (f) => f.reordered],
    ['Corrupt', PACKETS, (f) => f.corrupt],
  ]],
  ['Latency', 'median', [
    ['p50', MICROS, (f) => f.latencyMicros?.p50, 'p50', 'less'],
    ['p90', MICROS, (f) => f.latencyMicros?.p90, '', 'less'],
    ['p99', MICROS, (f) => f.latencyMicros?.p99, 'p99', 'less'],
    ['p99.9', MICROS, (f) => f.latencyMicros?.p999, '', 'less'],
    ['Highest', MICROS, (f) => f.latencyMicros?.max, '', 'less'],
  ]],
  ['The server’s process', 'median', [
    ['CPU per packet', NANOS, (f) => f.cpuNanosPerPacket, 'cpuNanosPerPacket', 'less'],
    ['Resident memory', BYTES, (f) => f.residentBytes, 'residentBytes', 'less'],
  ]],
  ['Setting up', 'setup', [
    ['Allocations', COUNT, (f) => f.allocations],
    ['Failed', COUNT, (f) => f.failed],
    ['Rate', COUNT_RATE, (f) => f.perSecond, 'setupPerSecond', 'more'],
    ['Latency p50', MICROS, (f) => f.latencyMicros?.p50, '', 'less'],
    ['Latency p99', MICROS, (f) => f.latencyMicros?.p99, '', 'less'],
    ['CPU per allocation', MICROS, (f) => f.cpuMicrosPerAllocation, '', 'less'],
  ]],
];
const SEARCH = ['Search', 'search', [
  ['Highest rate without loss', RATE, (f) => f.highestRateWithoutLoss, '', 'more'],
]];

function figures() {
  const groups = targets.some((target) => target.search) ? [SEARCH, ...GROUPS] : GROUPS;
  const heads = names.map((name, i) =>
    element('th', { scope: 'col', class: `target-${i}` }, name, beside('')));
  const columns = [element('th', { scope: 'col' }, 'Figure'), ...heads];
  if (isDuel) {
    columns.push(element('th', { scope: 'col' }, 'Ratio', beside('')));
  }
  const severalRounds = targets.some((target) => target.runs.length > 1);
  const caption = severalRounds
    ? 'Medians of the rounds, beside them the lowest and the highest'
    : 'One round';
  const ratio = isDuel ? `. A ratio is ${names[0]} to ${names[1]}.` : '.';
  const style = `${severalRounds ? 'rounds' : ''} ${isDuel ? '' : 'narrow'}`;
  document.getElementById('figures').append(element('table', { class: style },
    element('caption', {}, caption + ratio),
    element('thead', {}, element('tr', {}, ...columns)),
    ...groups.map(([title, source, rows]) => element('tbody', {},
      element('tr', {}, element('th', { scope: 'rowgroup', colspan: columns.length }, title)),
      ...rows.map((row) => figure(row, source))))));
}

function figure([label, units, pick, key, better], source) {
  const values = each((target) => target[source] ? pick(target[source]) : null);
  const rounds = targets.map((target) =>
    source === 'median' ? target.runs.map(pick).filter(isKnown) : []);
  const { unit, write } = inOneUnit([...values, ...rounds.flat()], units);
  const cells = values.map((value, i) => {
    const [low, high] = [Math.min(...rounds[i]), Math.max(...rounds[i])].map(write);
    const range = isKnown(value) && low !== high ? `${low} – ${high}` : '';
    return element('td', { 'data-value': value ?? '' }, `${write(value)} `, beside(range));
  });
  const head = element('th', { scope: 'row' }, `${label} `, element('small', {}, unit));
  return element('tr', { 'data-figure': label }, head, ...cells,
    ...(isDuel ? [ratioCell(better ? ratioOf(key, values) : undefined, better)] : []));
}

function ratioCell(ratio, better) {
  if (ratio === undefined) {
    return element('td');
  }
  if (!isKnown(ratio)) {
    return element('td', {}, UNKNOWN, beside(''));
  }
  const written = asRatio(ratio);
  const good = better === 'less' ? ratio < 1 : ratio > 1;
  const judged = written === '1.00' ? '' : good ? 'better' : 'worse';
  return element('td', { class: judged }, `${written} `, beside(judged));
}

/** Something small beside a number, or below it; where there is none it holds the place. */
const beside = (words) => element('small', { class: words ? '' : 'empty' }, words);

// The plots

const LATENCIES = [['p50', 'solid'], ['p90', 'thin'], ['p99', 'dashed'], ['max', 'dotted']];

/** Plots of the seconds of every round, the rounds side by side. */
function overTime() {
  const rounds = Math.max(...targets.map((target) => target.runs.length));
  const seconds = targets.map((target) => target.runs.flatMap((run, panel) =>
    (run.seconds ?? []).map((second) => ({ panel, second }))));
  if (!seconds.some((list) => list.length > 0)) {
    return;
  }
  const panels = Array.from({ length: rounds }, (_, i) => rounds > 1 ? `Round ${i + 1}` : '');
  const series = (target, [key, style, kind]) => ({
    target,
    kind: kind ?? key,
    style,
    points: seconds[target].map(({ panel, second }) =>
      ({ panel, x: Math.round(second.t * 10) / 10, y: second[key] ?? null })), // those of two meet
  });
  const over = (title, units, kinds, more) => plot({
    title, units, panels, targets: names, ...more,
    series: targets.flatMap((_, i) => kinds.map((kind) => series(i, kind))),
  });
  const section = document.getElementById('time');
  section.hidden = false;
  section.append(element('div', { class: 'plots' },
    over('Throughput', RATE, [['receivedPerSecond', 'broad', 'received'],
      ['sentPerSecond', 'dashed', 'sent']]),
    over('Loss', PERCENT, [['lossPercent', 'solid', 'loss']]),
    over('Latency', MICROS, LATENCIES, { log: true, wide: true }),
    over('CPU of the server', PERCENT, [['cpuPercent', 'solid', 'CPU']]),
    over('Resident memory of the server', BYTES, [['residentBytes', 'solid', 'memory']])));
}

function search() {
  if (!targets.some((target) => target.search?.steps?.length)) {
    return;
  }
  const over = (title, units, key, more) => plot({
    title, units, rates: true, panels: [''], targets: names, ...more,
    series: targets.map((target, i) => ({
      target: i,
      kind: title,
      style: 'solid',
      points: (target.search?.steps ?? [])
        .map((step) => ({ panel: 0, x: step.ratePerSecond, y: step[key] ?? null }))
        .sort((a, b) => a.x - b.x),
    })),
  });
  const section = document.getElementById('search');
  section.hidden = false;
  section.append(element('div', { class: 'plots' },
    over('Loss', PERCENT, 'lossPercent'),
    over('p99 latency', MICROS, 'p99', { log: true })));
}

document.getElementById('headline').textContent = `${headline()}.`;
document.getElementById('lead').append(...lead());
document.title = `${names.join(' and ')} · ${data.tool}`;
about();
trouble();
figures();
search();
overTime();
