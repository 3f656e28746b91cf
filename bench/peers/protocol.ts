import { dtypeSizeBytes } from '../../src/tensor.ts';
import { PeerOperand, type PeerSettings } from './peer.ts';
import type { Task, TaskDType } from './task.ts';

/**
 * What the benchmark and a peer's process say to each other: one JSON document a line, a request on the peer's standard
 * input, its answer on the peer's standard output, then the next. `bench/peers/torch.py` speaks it too.
 */
export type Request =
  | { readonly do: 'open'; readonly settings: PeerSettings }
  | { readonly do: 'prepare'; readonly task: Task; readonly operands: readonly SentOperand[] }
  | { readonly do: 'time'; readonly repeats: number }
  | { readonly do: 'read'; readonly positions: readonly number[] | null }
  | { readonly do: 'dispose' };

/** What a request is answered with when all went well. */
export interface Answers {
  readonly open: { readonly version: string; readonly device: string | null };
  readonly prepare: object;
  /** For how long `runs` runs took on the host's clock, from the first one's start to the last one's end. */
  readonly time: { readonly durationNs: number; readonly runs: number };
  /** Elements of the result as f64, little-endian, in base64: those asked for, or all. */
  readonly read: { readonly values: string };
  readonly dispose: object;
}

/** An answer, why the library does not do what was asked for, or what went wrong. */
export type Answer = { readonly ok: object } | { readonly notOffered: string } | { readonly error: string };

/** An operand: its first elements as stored, little-endian, in base64. They are repeated until there are `count`. */
export interface SentOperand {
  readonly dtype: TaskDType;
  readonly count: number;
  readonly pattern: string;
}

/** An operand to be sent; `pattern` may be shorter than `count` elements and is then repeated. */
export function sendOperand(dtype: TaskDType, count: number, pattern: Uint8Array): SentOperand {
  const { buffer, byteOffset, byteLength } = pattern;
  return { dtype, count, pattern: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
}

/** An operand as it was sent. */
export function receiveOperand({ dtype, count, pattern }: SentOperand): PeerOperand {
  const part = Buffer.from(pattern, 'base64');
  const bytes = new Uint8Array(count * dtypeSizeBytes(dtype));
  for (let start = 0; start < bytes.byteLength; start += part.byteLength) {
    bytes.set(part.subarray(0, bytes.byteLength - start), start);
  }
  return new PeerOperand(dtype, bytes);
}

/** Elements of a result, to be sent. */
export function sendValues(values: ArrayLike<number>, positions: readonly number[] | null): string {
  const chosen = positions
    ? Float64Array.from(positions, (position) => values[position]!)
    : Float64Array.from(values);
  return Buffer.from(chosen.buffer).toString('base64');
}

/** Elements of a result, as they were sent. */
export function receiveValues(values: string): Float64Array {
  const bytes = Uint8Array.from(Buffer.from(values, 'base64'));
  return new Float64Array(bytes.buffer);
}
