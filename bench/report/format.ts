const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

export type RateUnit = 'FLOP/s' | 'OP/s' | 'B/s';

/** Three significant digits with a decimal prefix: `12.3 TFLOP/s`. */
export function formatRate(perSecond: number, unit: RateUnit): string {
  let value = perSecond;
  let prefix = 0;
  while (value >= 999.5 && prefix < PREFIXES.length - 1) {
    value /= 1000;
    prefix++;
  }
  return `${significant(value)} ${PREFIXES[prefix]}${unit}`;
}

const TIME_UNITS = [
  ['ns', 1],
  ['µs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
] as const;

/** The unit that shows a time with one to three digits before the point. */
function timeUnit(ns: number): (typeof TIME_UNITS)[number] {
  return TIME_UNITS.findLast(([, size]) => ns >= 0.9995 * size) ?? TIME_UNITS[0];
}

/** `12.3 ms`. */
export function formatTime(ns: number): string {
  const [unit, size] = timeUnit(ns);
  return `${significant(ns / size)} ${unit}`;
}

/** `12.1 – 12.6 ms`, both in the unit of the larger. */
export function formatTimeInterval(lowNs: number, highNs: number): string {
  const [unit, size] = timeUnit(highNs);
  return `${significant(lowNs / size)} – ${significant(highNs / size)} ${unit}`;
}

/** `64 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${significant(value)} ${units[unit]}`;
}

/** `87 %`; small shares keep a digit. */
export function formatPercent(percent: number): string {
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Three significant digits, without an exponent for the sizes that occur. */
export function significant(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 999.5) return String(Math.round(value));
  return Math.abs(value) < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
}

/** A kernel's name without its operation's: `tiled` of `matmul/tiled`. */
export function shortKernelName(kernel: string): string {
  return kernel.split('/')[1] ?? kernel;
}

interface MaybeScaledDown {
  readonly scaledDownFrom: string | null;
}

/** The shape that ran, with a mark where a larger one was meant: see `scaledDownNotes`. */
export function shapeCell({
  shapeText,
  scaledDownFrom,
}: MaybeScaledDown & { readonly shapeText: string }): string {
  return scaledDownFrom === null ? shapeText : `${shapeText}*`;
}

/** What the mark behind a shape means, where one has it. */
export function scaledDownNotes(rows: readonly MaybeScaledDown[]): string[] {
  return rows.some(({ scaledDownFrom }) => scaledDownFrom !== null)
    ? ['* smaller than meant: the full shape takes too long here']
    : [];
}

/** An instance type, with a mark that a notice explains where WebGPU does not reach its accelerator. */
export function instanceName({
  instanceType,
  webgpu,
}: {
  readonly instanceType: string;
  readonly webgpu: string;
}): string {
  return webgpu === 'no' ? `${instanceType} *` : instanceType;
}
