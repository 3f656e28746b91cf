import { bytesOf } from '../../src/kernels/bytesOf.ts';
import type { CheckedOperation } from '../../src/kernels/define.ts';
import { dtypeSizeBytes } from '../../src/tensor.ts';
import { isMemory, type Ceiling } from './ceilings.ts';
import type { ArithmeticPath } from './trial.ts';

/** What a row does. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
  /** Of `bytes`. */
  readonly writtenBytes: number;
  readonly arithmetic: ArithmeticPath;
}

/** A row that writes less than this part of its bytes is one that reads, and one that reads less than that one that writes. */
const MOSTLY = 1 / 8;

/** The ceiling that binds a row, and the time that the row would take at it. */
export interface BindingCeiling {
  readonly ceiling: Ceiling;
  readonly idealNs: number;
}

/**
 * Of the time to move the bytes at the bandwidth measured at that working set (reading, writing or copying) and the time for the
 * arithmetic at its measured peak the longer: no kernel can be faster than that. Undefined where nothing was measured.
 */
export function bindingCeiling(ceilings: readonly Ceiling[], work: Work): BindingCeiling | undefined {
  const candidates: BindingCeiling[] = [];
  const memory = bandwidthAt(
    ceilings.filter(({ kind }) => kind === memoryKindOf(work)),
    work.bytes,
  );
  if (memory) {
    const idealNs = (work.bytes / memory.bytesPerSecond) * 1e9;
    candidates.push({ ceiling: memory.nearest, idealNs });
  }
  const [arithmetic] = ceilings
    .filter(({ kind }) => kind === work.arithmetic)
    .toSorted((a, b) => b.perSecond.median - a.perSecond.median);
  if (arithmetic && work.flops > 0) {
    candidates.push({ ceiling: arithmetic, idealNs: (work.flops / arithmetic.perSecond.median) * 1e9 });
  }
  return candidates.toSorted((a, b) => b.idealNs - a.idealNs)[0];
}

function memoryKindOf({ bytes, writtenBytes }: Work): Ceiling['kind'] {
  if (writtenBytes < MOSTLY * bytes) return 'read';
  return bytes - writtenBytes < MOSTLY * bytes ? 'write' : 'copy';
}

/** The bandwidth at a working set, between the two measured ones next to it on logarithmic scales; beyond the last that of the last. */
function bandwidthAt(
  curve: readonly Ceiling[],
  bytes: number,
): { readonly nearest: Ceiling; readonly bytesPerSecond: number } | undefined {
  const distance = ({ workingSetBytes }: Ceiling): number => Math.abs(Math.log(workingSetBytes / bytes));
  const [nearest] = curve.toSorted((a, b) => distance(a) - distance(b));
  if (!nearest) return undefined;
  const smaller = curve.filter(({ workingSetBytes }) => workingSetBytes <= bytes);
  const larger = curve.filter(({ workingSetBytes }) => workingSetBytes > bytes);
  const bySize = (a: Ceiling, b: Ceiling): number => a.workingSetBytes - b.workingSetBytes;
  const below = smaller.toSorted(bySize).at(-1);
  const above = larger.toSorted(bySize)[0];
  if (!below || !above) return { nearest, bytesPerSecond: nearest.perSecond.median };
  const share = distance(below) / Math.log(above.workingSetBytes / below.workingSetBytes);
  const bytesPerSecond = below.perSecond.median ** (1 - share) * above.perSecond.median ** share;
  return { nearest, bytesPerSecond };
}

/** How near a row is to what binds it. */
export interface CeilingShare {
  /** Above 100 where the ceiling was measured too low. */
  readonly ceilingPercent: number | null;
  /** Name of the ceiling. */
  readonly ceiling: string | null;
  readonly boundBy: 'memory' | 'arithmetic' | null;
}

/** @param timeNs undefined where the row has none */
export function ceilingShare(
  ceilings: readonly Ceiling[],
  work: Work,
  timeNs: number | undefined,
): CeilingShare {
  const binding = bindingCeiling(ceilings, work);
  if (!binding) return { ceilingPercent: null, ceiling: null, boundBy: null };
  const { ceiling, idealNs } = binding;
  return {
    ceilingPercent: timeNs === undefined ? null : (100 * idealNs) / timeNs,
    ceiling: ceiling.name,
    boundBy: isMemory(ceiling.kind) ? 'memory' : 'arithmetic',
  };
}

/** What an operation does to a problem, however it is done. */
export function workOf<P>(operation: CheckedOperation<P>, problem: P, arithmetic: ArithmeticPath): Work {
  return {
    flops: operation.flops(problem),
    bytes: operation.bytes(problem),
    writtenBytes: bytesOf(operation.outputs(problem), dtypeSizeBytes),
    arithmetic,
  };
}
