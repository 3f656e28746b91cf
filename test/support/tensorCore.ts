/** How a unit that multiplies halves adds products up. */
export interface SummingUnit {
  /** Products that it adds at once. */
  readonly block: number;
  /** Digits beyond f32's that it keeps of each, before it cuts off the rest; undefined: it adds one by one, in f32. */
  readonly extraBits: number | undefined;
}

/**
 * Units as published measurements describe them: products and the sum before are cut off where the largest of them ends, and
 * so is their sum. Fasi, Higham, Mikaitis and Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Computer Science
 * 2021; Khattak and Mikaitis, "Accurate Models of NVIDIA Tensor Cores", arXiv 2512.07004. Not compared with hardware here.
 */
export const SUMMING_UNITS = {
  'in f32, one by one': { block: 1, extraBits: undefined },
  'by 16, cut off 2 bits beyond f32': { block: 16, extraBits: 2 },
  'by 8, cut off 1 bit beyond f32': { block: 8, extraBits: 1 },
  'by 4, cut off at f32': { block: 4, extraBits: 0 },
} as const satisfies Readonly<Record<string, SummingUnit>>;

const float64 = new DataView(new ArrayBuffer(8));

/** Exponent of a number that is neither 0 nor subnormal. */
function exponentOf(x: number): number {
  float64.setFloat64(0, x);
  return ((float64.getUint32(0) >>> 20) & 0x7ff) - 1023;
}

/** To nearest, ties to even, among the numbers of half precision. */
export function roundToHalf(x: number): number {
  if (x === 0) return 0;
  const unit = 2 ** (Math.max(exponentOf(x), -14) - 10);
  const below = Math.floor(x / unit);
  const rest = x / unit - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0);
  return (up ? below + 1 : below) * unit;
}

/** A row of a, or a column of b, in parts of half precision, as shaders/matmul/split.wgsl makes them. */
export interface SplitRow {
  readonly parts: readonly Float64Array[];
  readonly exponent: number;
  /** Whether every element is kept to 2^-23 of itself. */
  readonly whole: boolean;
}

export function splitRow(row: Float64Array, parts: number): SplitRow {
  const largest = row.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
  const exponent = largest === 0 ? 0 : exponentOf(largest) - 14;
  const result = Array.from({ length: parts }, () => new Float64Array(row.length));
  let whole = true;
  for (const [index, x] of row.entries()) {
    if (!Number.isFinite(x)) {
      whole = false;
      continue;
    }
    let rest = x * 2 ** -exponent;
    for (const part of result) {
      part[index] = roundToHalf(rest);
      rest = (rest - part[index]) * 4096;
    }
    if (Math.abs(rest) * 4096 ** -parts > Math.abs(x) * 2 ** (-23 - exponent)) whole = false;
  }
  return { parts: result, exponent, whole };
}

/** A sum in f32 and some products more. */
function addProducts(unit: SummingUnit, before: number, products: readonly number[]): number {
  const { extraBits } = unit;
  if (extraBits === undefined) return products.reduce((sum, product) => Math.fround(sum + product), before);
  const terms = [before, ...products].filter((term) => term !== 0);
  if (terms.length === 0) return 0;
  const cutOff = (x: number, exponent: number): number => {
    const last = 2 ** (exponent - 23);
    return Math.trunc(x / last) * last;
  };
  const largest = Math.max(...terms.map(exponentOf));
  const sum = terms.reduce((total, term) => total + cutOff(term, largest - extraBits), 0);
  return sum === 0 ? 0 : cutOff(sum, exponentOf(sum));
}

/** The dot product of a row of a and a column of b in parts, as shaders/matmul/subgroupMatrix.wgsl makes it. */
export function splitDot(a: SplitRow, b: SplitRow, chunkK: number, unit: SummingUnit): number {
  const parts = a.parts.length;
  const k = a.parts[0]!.length;
  const sums = a.parts.map(() => 0);
  let total = 0;
  for (let begin = 0; begin < k; begin += chunkK) {
    const end = Math.min(k, begin + chunkK);
    for (let p = begin; p < end; p += unit.block) {
      for (const [x, ofA] of a.parts.entries()) {
        for (const [y, ofB] of b.parts.slice(0, parts - x).entries()) {
          const products = Array.from(
            { length: Math.min(unit.block, end - p) },
            (_, index) => ofA[p + index]! * ofB[p + index]!,
          );
          sums[x + y] = addProducts(unit, sums[x + y]!, products);
        }
      }
    }
    const ready = end === k ? parts : 1;
    for (let worth = ready - 1; worth >= 0; worth--) {
      total = Math.fround(total + sums[worth]! * 4096 ** -worth);
      sums[worth] = 0;
    }
  }
  return total * 2 ** (a.exponent + b.exponent);
}
