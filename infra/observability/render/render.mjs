// Draws a dashboard of Grafana without Grafana: runs every query of dashboard.json against a
// Prometheus and draws all panels, as they stand on its grid, into one SVG. No browser is needed.
//
//   node render.mjs --prometheus http://127.0.0.1:9090 --start 1700000000 --end 1700000300 \
//     --out dashboard.svg [--dashboard ../dashboard.json] [--mark '1700000100=ledger killed']...
//
// Ends with 1, and names them, if a query gave nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as echarts from 'echarts';

import { axis, label } from './units.mjs';

const CELL = { width: 70, height: 27 };
const GAP = 6;
const HEAD = 46;
const POINTS = 90;
const FONT = 'Arial, Helvetica, DejaVu Sans, sans-serif';
/** Room for a letter of a legend, in the widest of these fonts. */
const LETTER = 6.2;
const LEGEND_ROW = 13;
const COLORS = ['#3274d9', '#e0752d', '#37872d', '#a352cc', '#c4162a', '#00857f', '#b877d9', '#8f6d00', '#5c6773'];

const { values: options } = parseArgs({
  options: {
    prometheus: { type: 'string' },
    dashboard: { type: 'string', default: fileURLToPath(new URL('../dashboard.json', import.meta.url)) },
    start: { type: 'string' },
    end: { type: 'string' },
    out: { type: 'string' },
    title: { type: 'string', default: '' },
    mark: { type: 'string', multiple: true, default: [] },
  },
});
const start = Number(options.start);
const end = Number(options.end);
const step = Math.max(1, Math.ceil((end - start) / POINTS));
const marks = options.mark.map((text) => {
  const at = text.indexOf('=');
  return { time: Number(text.slice(0, at)), label: text.slice(at + 1) };
});

// As Grafana does where data comes in every second.
const expression = (target) =>
  target.expr.replaceAll('$__rate_interval', `${Math.max(4, step + 1)}s`).replaceAll('$ledger', '.*');

async function query(target) {
  const url = new URL('/api/v1/query_range', options.prometheus);
  url.search = new URLSearchParams({ query: expression(target), start, end, step });
  const answer = await (await fetch(url)).json();
  if (answer.status !== 'success') {
    throw new Error(`${target.expr}: ${answer.error}`);
  }
  return answer.data.result
    .map(({ metric, values }) => ({
      name: label(target.legendFormat, metric),
      values: values.map(([time, value]) => [time, Number(value)]).filter(([, value]) => Number.isFinite(value)),
    }))
    .filter(({ values }) => values.length > 0);
}

// Where nothing was collected there is a gap, not a line.
function withGaps(values) {
  const points = [];
  let before = values[0][0];
  for (const [time, value] of values) {
    if (time - before > 2 * step) {
      points.push([(before + step - start) * 1000, null]);
    }
    points.push([(time - start) * 1000, Number(value.toPrecision(4))]);
    before = time;
  }
  return points;
}

function chart(panel, series, width, height) {
  const { unit, thresholds, custom } = panel.fieldConfig.defaults;
  const limit = custom?.thresholdsStyle ? thresholds.steps.find(({ color }) => color === 'red')?.value : undefined;
  const highest = Math.max(...series.flatMap(({ values }) => values.map(([, value]) => value)));
  // A limit far above everything would press the lines flat.
  const isLimitNear = limit !== undefined && highest > limit / 4;
  const legend = legendRows(series.map(({ name }) => name), width - 16);
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  const text = { fontFamily: FONT, fontSize: 10, color: '#444' };
  drawing.setOption({
    animation: false,
    color: COLORS,
    textStyle: { fontFamily: FONT },
    title: {
      text: panel.title + (limit !== undefined && !isLimitNear ? `  (limit ${axis(unit)(limit)})` : ''),
      left: 8,
      top: 5,
      textStyle: { fontFamily: FONT, fontSize: 12, fontWeight: 'bold', color: '#222', width: width - 16, overflow: 'truncate' },
    },
    grid: { left: 62, right: 14, top: 32, bottom: 24 + LEGEND_ROW * legend.length },
    xAxis: {
      type: 'value',
      min: 0,
      max: (end - start) * 1000,
      interval: axisInterval() * 1000,
      axisLabel: { ...text, formatter: (ms) => `${Math.floor(ms / 60000)}:${String(Math.round(ms / 1000) % 60).padStart(2, '0')}`, hideOverlap: true, showMaxLabel: false },
      axisTick: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: panel.fieldConfig.defaults.min,
      scale: panel.fieldConfig.defaults.min === undefined,
      splitNumber: 4,
      axisLabel: { ...text, formatter: axis(unit) },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: '#eee' } },
    },
    series: series.map(({ name, values }, index) => ({
      name,
      type: 'line',
      showSymbol: values.length === 1,
      symbolSize: 3,
      data: withGaps(values),
      lineStyle: { width: 1.3 },
      markLine: index === 0 ? lines(isLimitNear ? limit : undefined) : undefined,
    })),
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return svg + legend.flatMap((row, line) => row.map(({ name, left, index }) => {
    const base = height - 7 - LEGEND_ROW * (legend.length - 1 - line);
    return `<rect x="${left}" y="${base - 5}" width="9" height="3" fill="${COLORS[index % COLORS.length]}"/>`
      + words(left + 13, base, 10, name, 'fill="#444"');
  })).join('');
}

// The charting library does not know how wide letters are without a browser.
function legendRows(names, width) {
  const rows = [[]];
  let left = 8;
  names.forEach((name, index) => {
    const needed = 13 + name.length * LETTER + 8;
    if (left + needed > width && rows.at(-1).length > 0) {
      rows.push([]);
      left = 8;
    }
    rows.at(-1).push({ name, left: Math.round(left), index });
    left += needed;
  });
  return rows;
}

// A line as steps from point to point, which is half as long.
function relative(path) {
  let [x, y] = [0, 0];
  return path.match(/[ML][^ML]+/g).map((part) => {
    const point = part.slice(1).trim().split(/[ ,]+/).map((number) => Math.round(number * 10));
    const step = [point[0] - x, point[1] - y].map((tenths) => tenths / 10);
    [x, y] = point;
    return `${part[0].toLowerCase()}${step[0]}${step[1] < 0 ? '' : ' '}${step[1]}`;
  }).join('');
}

// Says what is the same in thousands of elements once.
function compact(svg) {
  const classes = new Map();
  const text = svg
    .replaceAll(/ style="([^"]*)"/g, (all, style) => {
      if (!classes.has(style)) {
        classes.set(style, `c${classes.size}`);
      }
      return ` class="${classes.get(style)}"`;
    })
    .replaceAll(/ (?:pointer-events="visible"|class="zr\d+-cls-\d+"|xml:space="preserve")/g, '')
    .replaceAll(/<style ?>(?!\.c0).*?<\/style>/gs, '')
    .replaceAll(/ d="(M[-\d. ]+(?:[ML][-\d. ]+)*)"/g, (all, path) => ` d="${relative(path)}"`);
  const rules = [...classes].map(([style, name]) => `.${name}{${style}}`).join('');
  return text.replace('>', `><style>${rules}</style>`);
}

function axisInterval() {
  return [10, 15, 30, 60, 120, 300, 600].find((seconds) => (end - start) / seconds <= 5) ?? 1200;
}

function lines(limit) {
  const data = marks.map(({ time }) => ({ xAxis: (time - start) * 1000, lineStyle: { color: '#888', type: 'dashed', width: 0.8 } }));
  if (limit !== undefined) {
    data.push({ yAxis: limit, lineStyle: { color: '#c4162a', type: 'solid', width: 0.8 } });
  }
  return { silent: true, symbol: 'none', label: { show: false }, data };
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const words = (x, y, size, content, more = '') =>
  `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escape(content)}</text>`;

function number(panel, series, width, height) {
  const { unit, thresholds } = panel.fieldConfig.defaults;
  const value = series[0].values.at(-1)[1];
  const color = { red: '#c4162a', green: '#37872d' }[
    thresholds.steps.filter((one) => one.value === null || value >= one.value).at(-1).color];
  return words(8, 18, 12, panel.title, 'font-weight="bold" fill="#222"')
    + words(width / 2, height / 2 + 22, 34, axis(unit)(value), `text-anchor="middle" fill="${color}"`);
}

const dashboard = JSON.parse(readFileSync(options.dashboard, 'utf8'));
const parts = [];
const silent = [];
let bottom = 0;
for (const panel of dashboard.panels) {
  const { x, y, w, h } = panel.gridPos;
  const left = x * CELL.width + GAP;
  const top = HEAD + y * CELL.height;
  bottom = Math.max(bottom, top + h * CELL.height);
  if (panel.type === 'row') {
    parts.push(words(left, top + 20, 15, panel.title, 'font-weight="bold" fill="#111"'));
    continue;
  }
  const series = [];
  for (const target of panel.targets) {
    const found = await query(target);
    if (found.length === 0) {
      silent.push(`${panel.title}: ${target.expr}`);
    }
    series.push(...found);
  }
  const width = w * CELL.width - GAP;
  const height = h * CELL.height - GAP;
  parts.push(`<svg x="${left}" y="${top}" width="${width}" height="${height}">`
    + `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="#fff" stroke="#ddd"/>`);
  if (series.length === 0) {
    parts.push(words(8, 18, 12, panel.title, 'font-weight="bold" fill="#222"') + words(8, height / 2, 12, 'no data', 'fill="#888"'));
  } else {
    parts.push(panel.type === 'stat' ? number(panel, series, width, height) : chart(panel, series, width, height));
  }
  parts.push('</svg>');
}
const width = 24 * CELL.width + GAP;
const when = new Date(start * 1000).toISOString().replace('T', ' ').slice(0, 16);
const told = marks.map(({ time, label: what }) => {
  const seconds = Math.round(time - start);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} ${what}`;
}).join(' · ');
writeFileSync(options.out, compact([
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + GAP}" width="${width}" height="${bottom + GAP}" font-family="${FONT}">`,
  `<rect width="${width}" height="${bottom + GAP}" fill="#f7f8fa"/>`,
  words(GAP, 22, 18, `${dashboard.title}${options.title ? `: ${options.title}` : ''}`, 'font-weight="bold" fill="#111"'),
  words(GAP, 40, 12, `${when} UTC, ${Math.round((end - start) / 60 * 10) / 10} minutes. Dashed: ${told || 'nothing'}.`, 'fill="#444"'),
  ...parts,
  '</svg>',
  '',
].join('\n')));
for (const one of silent) {
  console.error(`no data: ${one}`);
}
process.exit(silent.length === 0 ? 0 : 1);
