/** Elements of f32 are multiples of 2^-149. */
const UNIT_BITS = 149;

/** Bits kept below the unit when a sum is divided; what is below them only tells that the quotient is not exact. */
const FRACTION_BITS = 32;

const FORMATS = {
  f32: { significandBits: 24, smallestExponent: -149, largest: (2 - 2 ** -23) * 2 ** 127 },
  f16: { significandBits: 11, smallestExponent: -24, largest: 65504 },
} as const;

/** The exact sum of numbers of a type: the same whatever the order. */
export class ExactSum {
  /** Of the finite numbers, in units of 2^-149. */
  #finite = 0n;
  /** Of the others: an infinity, or NaN. */
  #special = 0;

  add(value: number): void {
    if (Number.isFinite(value)) this.#finite += BigInt(value * 2 ** UNIT_BITS);
    else this.#special += value;
  }

  /**
   * The sum divided by `divisor` and rounded once, to the nearest number of a type and to the even one of two. An infinity, or
   * infinities of both signs, and NaN give what they give in any sum; a sum of zero is +0.
   */
  quotient(divisor: number, dtype: 'f32' | 'f16'): number {
    if (this.#special !== 0) return this.#special;
    if (divisor === 0) return NaN;
    const isNegative = this.#finite < 0n;
    const numerator = (isNegative ? -this.#finite : this.#finite) << BigInt(FRACTION_BITS);
    const magnitude = round(numerator / BigInt(divisor), numerator % BigInt(divisor) !== 0n, dtype);
    return isNegative ? -magnitude : magnitude;
  }
}

/** The exact sum of all elements divided by `divisor`, rounded once. */
export function exactSum(elements: Float64Array, divisor: number, dtype: 'f32' | 'f16'): number {
  const sum = new ExactSum();
  for (const value of elements) sum.add(value);
  return sum.quotient(divisor, dtype);
}

/** Rounds a number in units of 2^-181, and a little more where it is `inexact`. */
function round(value: bigint, inexact: boolean, dtype: 'f32' | 'f16'): number {
  const { significandBits, smallestExponent, largest } = FORMATS[dtype];
  const unitExponent = -UNIT_BITS - FRACTION_BITS;
  const bits = value.toString(2).length;
  const dropped = Math.max(bits - significandBits, smallestExponent - unitExponent);
  const half = 1n << BigInt(dropped - 1);
  const rest = value & (2n * half - 1n);
  let significand = value >> BigInt(dropped);
  const above = rest > half || (rest === half && inexact);
  if (above || (rest === half && (significand & 1n) === 1n)) significand++;
  const rounded = Number(significand) * 2 ** (dropped + unitExponent);
  return rounded > largest ? Infinity : rounded;
}
