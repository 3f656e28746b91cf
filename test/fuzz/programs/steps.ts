import type { Distribution } from '../../../src/kernels/define.ts';
import type { DType } from '../../../src/node.ts';

/**
 * A step of a program, as plain data. Tensors have numbers, in the order in which they come into being; `{ slot: i }` in arguments
 * stands for tensor i. A step whose tensors have never come into being, since what was to make them was refused, does nothing.
 */
export type Step =
  | {
      readonly kind: 'make';
      readonly shape: readonly number[];
      readonly dtype: DType;
      readonly seed: number;
      readonly distribution: Distribution;
      /** In a buffer of the caller's own, so many times the alignment behind its start. */
      readonly wrapped?: number;
    }
  | {
      readonly kind: 'call';
      readonly op: string;
      readonly args: readonly unknown[];
      /** How many tensors come into being. */
      readonly results: number;
      /** Or the one that is written to. */
      readonly into?: number;
    }
  | {
      readonly kind: 'view';
      readonly of: number;
      readonly method: 'slice' | 'transpose' | 'reshape';
      readonly args: readonly unknown[];
    }
  | {
      readonly kind: 'write';
      readonly slot: number;
      readonly seed: number;
      readonly distribution: Distribution;
    }
  | { readonly kind: 'dispose' | 'read' | 'own'; readonly slot: number }
  | { readonly kind: 'flush' };

/** What is done with a program apart from what it computes. */
export interface Program {
  readonly steps: readonly Step[];
  /** Steps from the first to before the last are captured as a graph, and replayed; `encoded` into an encoder of the caller's own. */
  readonly captured?: { readonly from: number; readonly to: number; readonly encoded: boolean };
  /** On another device than where its steps are looked at. */
  readonly elsewhere?: boolean;
}

/** Slots that a value refers to. */
export function slotsIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('slot' in value) return [value.slot as number];
  return Object.values(value).flatMap(slotsIn);
}

/** How many tensors a step brings into being, refused or not. */
export function bornOf(step: Step): number {
  if (step.kind === 'call') return step.results;
  return step.kind === 'make' || step.kind === 'view' ? 1 : 0;
}
