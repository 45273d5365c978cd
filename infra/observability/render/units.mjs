// How Grafana's units are written, and its legends.

const scaled = (value, units, base) => {
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  return `${Number(size.toPrecision(3))}${units[unit]}`;
};

const short = (value) => scaled(value, ['', 'k', 'M', 'G', 'T'], 1000);
const bytes = (value) => scaled(value, [' B', ' kB', ' MB', ' GB', ' TB'], 1000);

const seconds = (value) => {
  const size = Math.abs(value);
  if (size === 0) {
    return '0';
  }
  if (size < 1e-3) {
    return `${Number((value * 1e6).toPrecision(3))} µs`;
  }
  if (size < 1) {
    return `${Number((value * 1e3).toPrecision(3))} ms`;
  }
  if (size < 600) {
    return `${Number(value.toPrecision(3))} s`;
  }
  return size < 7200 ? `${Math.round(value / 60)} min` : `${Number((value / 3600).toPrecision(3))} h`;
};

const UNITS = {
  none: short,
  s: seconds,
  bytes,
  Bps: (value) => `${bytes(value)}/s`,
  reqps: (value) => `${short(value)}/s`,
  cps: (value) => `${short(value)}/s`,
  cpm: (value) => `${short(value)}/min`,
  percentunit: (value) => `${Number((value * 100).toPrecision(3))}%`,
};

/** Writes a value of this unit. */
export const axis = (unit) => UNITS[unit] ?? String;

/** The name of a series: {{name}} stands for its label. */
export const label = (format, labels) =>
  format
    ? format.replaceAll(/\{\{\s*(\w+)\s*}}/g, (all, name) => labels[name] ?? '')
    : Object.entries(labels).filter(([name]) => name !== '__name__').map(([name, value]) => `${name}=${value}`).join(' ');
