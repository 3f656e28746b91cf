/** What the device does at most, as measured by an operation that does nothing else. */
export interface Ceiling {
  /** What bounds: reading, copying, multiply-adds on vector units or products on matrix units. */
  readonly kind: 'read' | 'copy' | 'f32' | 'matrix';
  /** For people, for instance `read, 64 MiB`. */
  readonly name: string;
  /** Bytes or arithmetic operations. */
  readonly perSecond: number;
  readonly workingSetBytes: number;
}

/** What a row does. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
  /** Of `bytes`. */
  readonly writtenBytes: number;
  /** The unit that its arithmetic is done by. */
  readonly arithmetic: 'f32' | 'matrix';
}

/** A row that writes less than this part of its bytes is one that reads. */
const MOSTLY_READS = 1 / 8;

/**
 * The ceiling that binds a row, and the time that the row would take at it: the longer of the time to move its bytes, at the
 * bandwidth measured at the nearest working set, and the time for its arithmetic. Undefined where nothing was measured.
 */
export function bindingCeiling(
  ceilings: readonly Ceiling[],
  { flops, bytes, writtenBytes, arithmetic }: Work,
): { readonly ceiling: Ceiling; readonly idealNs: number } | undefined {
  const distance = ({ workingSetBytes }: Ceiling): number => Math.abs(Math.log(workingSetBytes / bytes));
  const memoryKind = writtenBytes < MOSTLY_READS * bytes ? 'read' : 'copy';
  const [memory] = ceilings
    .filter(({ kind }) => kind === memoryKind)
    .toSorted((a, b) => distance(a) - distance(b));
  const peak = ceilings.find(({ kind }) => kind === arithmetic);
  const candidates = [
    ...(memory ? [{ ceiling: memory, idealNs: (bytes / memory.perSecond) * 1e9 }] : []),
    ...(peak ? [{ ceiling: peak, idealNs: (flops / peak.perSecond) * 1e9 }] : []),
  ];
  return candidates.toSorted((a, b) => b.idealNs - a.idealNs)[0];
}
