const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const scientific = new Intl.NumberFormat('en', { notation: 'scientific', maximumSignificantDigits: 2 });

export const formatCount = (count: number): string => integer.format(count);
export const formatNumber = (value: number): string => threeDigits.format(value);
export const formatUsd = (usd: number): string => `$${cents.format(usd)}`;

export const formatPercent = (share: number): string => `${integer.format(100 * share)} %`;

/** `1.2E-5` for what is far below one. */
export const formatError = (error: number): string =>
  error === 0 || error >= 0.01 ? formatNumber(error) : scientific.format(error);

/** The largest unit in which a value is at least 1, else the last. */
function inUnit(value: number, units: readonly (readonly [size: number, name: string])[]): string {
  const [size, name] = units.find(([unitSize]) => value >= unitSize) ?? units.at(-1)!;
  return `${threeDigits.format(value / size)} ${name}`;
}

export const formatDuration = (durationNs: number): string =>
  inUnit(durationNs, [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ]);

export const formatFlops = (flopsPerSecond: number): string =>
  inUnit(flopsPerSecond, [
    [1e12, 'TFLOP/s'],
    [1e9, 'GFLOP/s'],
    [1e6, 'MFLOP/s'],
  ]);

export const formatBandwidth = (bytesPerSecond: number): string =>
  inUnit(bytesPerSecond, [
    [1e12, 'TB/s'],
    [1e9, 'GB/s'],
    [1e6, 'MB/s'],
  ]);

/** `1 GiB`, as limits are given. */
export const formatBytes = (bytes: number): string =>
  inUnit(bytes, [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'bytes'],
  ]);

const LARGE = [
  [1e15, 'quadrillion'],
  [1e12, 'trillion'],
  [1e9, 'billion'],
  [1e6, 'million'],
] as const;

/** `38 billion`. */
export function formatLarge(count: number): string {
  const found = LARGE.find(([size]) => count >= size);
  return found ? `${formatNumber(count / found[0])} ${found[1]}` : formatNumber(count);
}
