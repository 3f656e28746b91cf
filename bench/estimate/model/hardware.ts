import { accelerators } from '../../catalog/index.ts';
import type { Accelerator, ArithmeticUnit } from '../../catalog/index.ts';
import { CONSTANTS } from './constants.ts';

/**
 * An accelerator, or the share of one, as the model sees it: figures only, never a name. Rates are in operations and bytes
 * a nanosecond; what nobody published is `undefined` and its effect is left out or taken at its typical size.
 */
export interface Hardware {
  /** Dense peak of the unit that does the arithmetic, in FLOP/ns; `undefined` where it cannot be what binds. */
  readonly flopsPerNs: number | undefined;
  /** Of the single-precision lanes, in FLOP/ns: the softmax runs there. */
  readonly vectorFlopsPerNs: number | undefined;
  readonly bytesPerNs: number | undefined;
  readonly processors: number | undefined;
  /** Highest clock, at which the peak holds, in cycles a nanosecond. */
  readonly clockPerNs: number | undefined;
  readonly cacheBytes: number | undefined;
  readonly boardWatts: number | undefined;
  /** Of the architecture, not of the model: it stands for the process that the chip is made in. */
  readonly year: number | undefined;
  readonly unit: ArithmeticUnit;
  /** Whether matrix instructions run beside the others of their workgroup (wgmma, tcgen05). */
  readonly asynchronousMatrix: boolean;
  /** Whether a processor's copies from memory run without its lanes, tile by tile (the Tensor Memory Accelerator). */
  readonly bulkCopies: boolean;
  /** The share of the peak that the instructions in use reach at all. */
  readonly instructionCeiling: number;
}

/** Bits of an operand: the energy of an operation is proportional to them. */
const OPERAND_BITS: Readonly<Record<ArithmeticUnit, number>> = {
  fp32: 32,
  fp16Vector: 16,
  fp16Tensor: 16,
  bf16Tensor: 16,
  tf32Tensor: 32,
  fp8Tensor: 8,
  fp4Tensor: 4,
  int8Tensor: 8,
};

/** Energy of an operation on this unit against one on 16 bits. */
export function energyOfUnit(unit: ArithmeticUnit): number {
  return OPERAND_BITS[unit] / 16;
}

/**
 * @param share of the accelerator, in (0, 1]: processors, bandwidth, cache and power are divided alike
 * @param synchronous take the rate of instructions that wait for their matrix product, as WebGPU's do
 */
export function hardwareOf(
  accelerator: Accelerator,
  unit: ArithmeticUnit,
  { share = 1, synchronous = false }: { readonly share?: number; readonly synchronous?: boolean } = {},
): Hardware {
  const { peakTflops, memoryGigabytesPerSecond, lastLevelCacheMb, boardWatts, processorCount } = accelerator;
  const peakAtBoost = (of: ArithmeticUnit): number | undefined => teraflopsAtBoost(accelerator, of);
  const scaled = (value: number | undefined, factor: number): number | undefined =>
    value === undefined ? undefined : value * factor * share;
  const sixteenBit = peakAtBoost('fp16Tensor') ?? peakAtBoost('bf16Tensor');
  const clockPerNs = accelerator.boostMhz === undefined ? undefined : accelerator.boostMhz / 1e3;
  // A share may have a fraction of a processor: waves are counted in whole ones, of which there is one at least.
  const processors =
    processorCount === undefined ? undefined : Math.max(1, Math.round(processorCount * share));
  const perClock =
    sixteenBit === undefined || processorCount === undefined || clockPerNs === undefined
      ? undefined
      : (sixteenBit * 1e3) / processorCount / clockPerNs;
  const asynchronousMatrix =
    accelerator.vendor === 'NVIDIA' &&
    unit.endsWith('Tensor') &&
    (perClock === undefined
      ? (sixteenBit ?? 0) > LARGEST_SYNCHRONOUS_TFLOPS
      : // Half a step is the border.
        perClock > 1.5 * CONSTANTS.synchronousMatrixLimit.value);
  return {
    flopsPerNs: scaled(peakAtBoost(unit), 1e3),
    vectorFlopsPerNs: scaled(peakTflops.fp32, 1e3),
    bytesPerNs: scaled(memoryGigabytesPerSecond, 1),
    processors,
    clockPerNs,
    cacheBytes: scaled(lastLevelCacheMb, 2 ** 20),
    boardWatts: scaled(boardWatts, 1),
    year: architectureYear(accelerator),
    unit,
    asynchronousMatrix: asynchronousMatrix && !synchronous,
    bulkCopies: !synchronous && hasBulkCopies(accelerator),
    instructionCeiling:
      asynchronousMatrix && synchronous
        ? CONSTANTS.synchronousMatrixOnAsynchronous.value /
          (perClock ?? 2 * CONSTANTS.synchronousMatrixLimit.value)
        : 1,
  };
}

/**
 * Dense peak at the highest clock. Units do a power of two operations a clock. Where a data sheet's rate is 1 to 10% less than
 * that, it holds at a lower clock than the processors reach (H100: 989 TFLOP/s at 1830 MHz, of 1980).
 */
export function teraflopsAtBoost(
  { peakTflops, processorCount, boostMhz }: Pick<Accelerator, 'peakTflops' | 'processorCount' | 'boostMhz'>,
  unit: ArithmeticUnit,
): number | undefined {
  const stated = peakTflops[unit];
  if (stated === undefined || processorCount === undefined || boostMhz === undefined) return stated;
  const perClock = (stated * 1e6) / processorCount / boostMhz;
  const whole = 2 ** Math.round(Math.log2(perClock));
  return whole > 1.01 * perClock && whole < 1.1 * perClock
    ? (whole * processorCount * boostMhz) / 1e6
    : stated;
}

/** No accelerator with synchronous matrix instructions has a higher 16-bit rate (RTX PRO 6000: 468 TFLOP/s). */
const LARGEST_SYNCHRONOUS_TFLOPS = 700;

/** Architectures of compute capability 8.9 and less have none (PTX ISA, cp.async.bulk: "requires sm_90 or higher"). */
const WITHOUT_BULK_COPIES: ReadonlySet<string> = new Set([
  'Kepler',
  'Pascal',
  'Volta',
  'Turing',
  'Ampere',
  'Ada Lovelace',
]);

function hasBulkCopies({ vendor, architecture }: Accelerator): boolean {
  return (
    vendor === 'NVIDIA' && architecture !== undefined && !WITHOUT_BULK_COPIES.has(familyOf(architecture))
  );
}

let firstYears: ReadonlyMap<string, number> | undefined;

/** The year of an architecture's first accelerator: refreshes of it (H200, B300, Grace Hopper) are the same silicon. */
function architectureYear({ architecture, year }: Accelerator): number | undefined {
  if (architecture === undefined) return year;
  firstYears ??= yearsOfFamilies();
  return firstYears.get(familyOf(architecture)) ?? year;
}

function yearsOfFamilies(): ReadonlyMap<string, number> {
  const years = new Map<string, number>();
  for (const { architecture, year } of accelerators) {
    if (architecture === undefined || year === undefined) continue;
    const family = familyOf(architecture);
    years.set(family, Math.min(year, years.get(family) ?? year));
  }
  return years;
}

function familyOf(architecture: string): string {
  return architecture.replace(/\+.*$| Ultra$/, '');
}
