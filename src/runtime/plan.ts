import type { ShaderSource } from '../wgsl/source.ts';
import type { Params } from './params.ts';

/** A buffer of a pass: an operand of the operation, a result, or scratch memory that lives for one run of the plan. */
export interface Binding {
  readonly role: 'input' | 'output' | 'scratch';
  /** Which of the operation's inputs or outputs, or of the plan's `scratchBytes`. */
  readonly index: number;
  readonly access: 'read' | 'read_write';
  /** Its number in the shader; the next after the binding before it, unless given. */
  readonly number?: number;
  /** The part of it that is bound, in bytes from its beginning; all of it, unless given. */
  readonly window?: Window;
}

/** A part of a buffer. */
export interface Window {
  /** A multiple of the adapter's minStorageBufferOffsetAlignment. */
  readonly byteOffset: number;
  /** A multiple of 4. */
  readonly sizeBytes: number;
}

/** Number of workgroups along x, y and z. */
export type Workgroups = readonly [x: number, y: number, z: number];

/** One dispatch. The shader's entry point is called `main`; its parameters are at binding 0, `bindings` from 1 on, numbers ascending. */
export interface Pass {
  readonly label: string;
  readonly shader: ShaderSource;
  readonly params: Params;
  readonly bindings: readonly Binding[];
  readonly workgroups: Workgroups;
}

/** All that it takes to run a kernel on a problem, as plain data. */
export interface Plan {
  readonly passes: readonly Pass[];
  /** Sizes of scratch buffers; their content is arbitrary when the first pass starts. */
  readonly scratchBytes: readonly number[];
}

export const input = (index: number): Binding => ({ role: 'input', index, access: 'read' });
export const output = (index: number): Binding => ({ role: 'output', index, access: 'read_write' });
/** Scratch that this pass writes. */
export const scratch = (index: number): Binding => ({ role: 'scratch', index, access: 'read_write' });
/** Scratch that an earlier pass wrote and this one only reads, which lets passes overlap. */
export const scratchInput = (index: number): Binding => ({ role: 'scratch', index, access: 'read' });
/** A binding with a number of its own: optional inputs keep theirs whatever others there are. */
export const at = (number: number, binding: Binding): Binding => ({ ...binding, number });

/** A part of a binding: of what it binds already, if that is a part itself. */
export const windowOf = (binding: Binding, byteOffset: number, sizeBytes: number): Binding => ({
  ...binding,
  window: {
    byteOffset: (binding.window?.byteOffset ?? 0) + byteOffset,
    sizeBytes: Math.ceil(sizeBytes / 4) * 4,
  },
});

/** The number of each binding in the shader. */
export function bindingNumbers(bindings: readonly Binding[]): readonly number[] {
  let next = 1;
  return bindings.map(({ number = next }) => {
    next = number + 1;
    return number;
  });
}
