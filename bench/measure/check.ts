import type { CheckedOperation } from '../../src/kernels/define.ts';
import { compare } from './compare.ts';
import type { Operand } from './operand.ts';
import { Random } from './random.ts';

/** What was found out about a result before its time was measured. */
export interface Check {
  readonly passed: boolean;
  /** Largest absolute difference from the CPU path among the elements that were computed there. */
  readonly maxError: number;
  /** What was allowed where the result came closest to its bound, or exceeded it most. */
  readonly tolerance: number;
  /** What was compared, in words. */
  readonly method: string;
  /** Where a wrong result differs, in words. */
  readonly problem?: string;
}

/** Something was measured whose result turned out wrong, where there is no row to say so. */
export class WrongResult extends Error {}

/** A smaller problem whose results are some of the elements of the larger one's. */
export interface SubProblem<P> {
  readonly problem: P;
  readonly inputs: readonly Float64Array[];
  /** Where the elements of its outputs are in the larger problem's, each of which has them in the same places. */
  readonly positions: ArrayLike<number>;
}

/** Parts of a problem that stand for the whole. */
export interface Sample<P> {
  readonly parts: readonly SubProblem<P>[];
  /** What they are, in words, for instance `16 of 512 rows`. */
  readonly description: string;
}

/** How results of an operation are checked where the CPU path would take too long for all of them. */
export interface Checker<P> {
  /** Steps of the innermost loop that the CPU path takes. */
  referenceSteps(problem: P): number;
  /**
   * Parts of the problem, of about `maxSteps` steps together. Without it all of a result is checked, however long that takes: each of
   * its elements depends on all of the operands'.
   */
  sample?(problem: P, operands: readonly Operand[], random: Random, maxSteps: number): Sample<P>;
  /** Steps that the probe takes, if there is one. */
  probeSteps?(problem: P, maxSteps: number): number;
  /** A cheaper check of the whole result, of operations that have one output. */
  probe?(
    problem: P,
    operands: readonly Operand[],
    output: ArrayLike<number>,
    random: Random,
    maxSteps: number,
  ): { readonly passed: boolean; readonly description: string; readonly problem?: string };
}

/** Signs and samples are drawn apart from the operands. */
const CHECK_SEED = 7919;

/** Steps that a check takes on the CPU, for planning. */
export function checkSteps<P>(checker: Checker<P>, problem: P, maxSteps: number): number {
  const steps = checker.referenceSteps(problem);
  return steps <= maxSteps || !checker.sample
    ? steps
    : maxSteps + (checker.probeSteps?.(problem, maxSteps) ?? 0);
}

interface CheckOptions {
  readonly maxSteps: number;
  readonly seed: number;
}

/** Checks results against the CPU path: see `prepareCheck`. */
export function checkOutput<P>(
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
  operands: readonly Operand[],
  outputs: readonly ArrayLike<number>[],
  options: CheckOptions,
): Check {
  return prepareCheck(operation, checker, problem, operands, options)(outputs);
}

/**
 * Computes on the CPU path what results have to be, once for any number of them: all elements where that takes `maxSteps` at
 * most, else a sample of them, and all of them at once by the operation's probe where it has one.
 */
export function prepareCheck<P>(
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
  operands: readonly Operand[],
  { maxSteps, seed }: CheckOptions,
): (outputs: readonly ArrayLike<number>[]) => Check {
  const random = new Random(CHECK_SEED + seed);
  const { parts, description, whole } = partsToCheck(checker, problem, operands, random, maxSteps);
  const expected = parts.map(({ problem: part, inputs, positions }) => {
    const values = operation.reference(part, inputs);
    const bounds = operation.errorBound(part, inputs, values);
    return { part, values, bounds, positions };
  });
  return (outputs) => {
    const compared = expected
      .map(({ part, values, bounds, positions }) => {
        const chosen = outputs.map((output) =>
          positions ? Float64Array.from(positions, (position) => output[position]!) : output,
        );
        const check = operation
          .outputs(part)
          .map(({ dtype }, index): PartCheck => ({
            ...compare(chosen[index]!, values[index]!, bounds[index]!, dtype),
            method: description,
          }))
          .reduce(worse);
        return { ...check, ...locate(check, positions) };
      })
      .reduce(worse);
    if (whole || !compared.passed || !checker.probe) return withoutWorst(compared);
    const probed = checker.probe(problem, operands, outputs[0]!, random, maxSteps);
    return {
      ...withoutWorst(compared),
      passed: probed.passed,
      method: `${description}; ${probed.description}`,
      ...(probed.problem !== undefined && { problem: probed.problem }),
    };
  };
}

/** Elements of a result as the CPU path has them. */
export interface ExpectedElements {
  /** Where in the output they are; undefined where they are all of it. */
  readonly positions: readonly number[] | undefined;
  readonly values: Float64Array;
  /** How far this library's own results may be from them. */
  readonly bounds: Float64Array;
}

/** Computes on the CPU path what `checkOutput` would compare a result with. */
export function expectedElements<P>(
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
  operands: readonly Operand[],
  { maxSteps, seed }: { readonly maxSteps: number; readonly seed: number },
): ExpectedElements {
  const random = new Random(CHECK_SEED + seed);
  const { parts, whole } = partsToCheck(checker, problem, operands, random, maxSteps);
  const results = parts.map((part) => {
    const [values] = operation.reference(part.problem, part.inputs) as [Float64Array];
    const [bounds] = operation.errorBound(part.problem, part.inputs, [values]) as [Float64Array];
    return { values, bounds };
  });
  if (whole) return { positions: undefined, ...results[0]! };
  return {
    positions: parts.flatMap(({ positions }) => Array.from(positions!)),
    values: Float64Array.from(results.flatMap(({ values }) => Array.from(values))),
    bounds: Float64Array.from(results.flatMap(({ bounds }) => Array.from(bounds))),
  };
}

/** All of a problem, or parts that stand for it. */
interface PartsToCheck<P> {
  readonly parts: readonly {
    readonly problem: P;
    readonly inputs: readonly Float64Array[];
    readonly positions?: ArrayLike<number>;
  }[];
  readonly description: string;
  readonly whole: boolean;
}

function partsToCheck<P>(
  checker: Checker<P>,
  problem: P,
  operands: readonly Operand[],
  random: Random,
  maxSteps: number,
): PartsToCheck<P> {
  if (checker.sample && checker.referenceSteps(problem) > maxSteps) {
    return { ...checker.sample(problem, operands, random, maxSteps), whole: false };
  }
  const inputs = operands.map((operand) => operand.values());
  return { parts: [{ problem, inputs }], description: 'every element', whole: true };
}

/** The check that failed, or else the one whose error was largest. */
function worse(a: PartCheck, b: PartCheck): PartCheck {
  if (a.passed !== b.passed) return a.passed ? b : a;
  return b.maxError > a.maxError ? b : a;
}

interface PartCheck extends Check {
  /** The element that was out of bounds. */
  readonly worst?: { readonly index: number; readonly got: number; readonly expected: number };
}

function withoutWorst({ worst: _worst, ...check }: PartCheck): Check {
  return check;
}

/** Says where a wrong element is in the whole output. */
function locate(
  { worst }: PartCheck,
  positions: ArrayLike<number> | undefined,
): { readonly problem?: string } {
  if (!worst) return {};
  const index = positions ? positions[worst.index]! : worst.index;
  return { problem: `element ${index} is ${worst.got} instead of ${worst.expected}` };
}
