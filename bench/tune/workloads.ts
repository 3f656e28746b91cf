import { ArgumentError } from '../../src/errors.ts';
import { allWorkloads, workloadsNamed, type Workload } from '../suites/index.ts';
import { LLAMA_3_1_8B } from '../suites/model.ts';
import type { TuneOptions } from './options.ts';
import { workloadsToTune } from './tasks.ts';

/**
 * The workloads to tune for: those named, at the sizes given, one a class of problems.
 *
 * @throws ArgumentError for names that there are not, and sizes that none of the operations takes
 */
export function chooseWorkloads(
  { ops = [], shapes = [], model = LLAMA_3_1_8B }: Pick<TuneOptions, 'ops' | 'shapes' | 'model'>,
  f16: boolean,
): readonly Workload[] {
  const all = allWorkloads(model, f16, 'full');
  for (const name of ops) {
    if (workloadsNamed(all, [name]).length > 0) continue;
    const names = [...new Set(all.flatMap(({ family, op }) => [family, op]))];
    throw new ArgumentError(`ops: there is no ${JSON.stringify(name)}; there are ${names.join(', ')}`);
  }
  const named = workloadsNamed(all, ops);
  if (shapes.length === 0) return workloadsToTune(named);
  const resized = named.flatMap((workload) => shapes.flatMap((sizes) => atSizes(workload, sizes) ?? []));
  if (resized.length > 0) return workloadsToTune(resized);
  const known = [...new Set(named.flatMap(({ op, sized }) => (sized ? [`${op}: ${sized.sizes}`] : [])))];
  throw new ArgumentError(`shapes: no operation takes these sizes; they are ${known.join('; ')}`);
}

/** A workload at these sizes and no others, or undefined where it has more or fewer sizes. */
function atSizes(workload: Workload, sizes: readonly number[]): Workload | undefined {
  const { sized } = workload;
  if (sized?.sizes.split(' x ').length !== sizes.length) return undefined;
  return { ...workload, problems: [sized.problem(sizes)], shapeText: () => sizes.join(' x ') };
}

/**
 * The workloads of calls: each call's own problem, checked as the suites check such problems.
 *
 * @throws ArgumentError for calls that no suite has the like of: an operation with these types of operands
 */
export function workloadsOfCalls(calls: NonNullable<TuneOptions['calls']>): readonly Workload[] {
  const all = [false, true].flatMap((f16) => allWorkloads(LLAMA_3_1_8B, f16, 'full'));
  return workloadsToTune(
    calls.map(({ op, problem, shapeText }) => {
      const alike = all.find(
        (workload) =>
          workload.operation.name === op &&
          operandTypes(workload, problem) === operandTypes(workload, workload.problems[0]),
      );
      if (alike)
        return { ...alike, problems: [problem], shapeText: () => shapeText ?? elementsOf(alike, problem) };
      throw new ArgumentError(`calls: no suite has a problem of ${op} with these operands`, { got: problem });
    }),
  );
}

const operandTypes = ({ operation }: Workload, problem: unknown): string =>
  operation
    .inputs(problem)
    .map(({ dtype }) => dtype)
    .join();

const elementsOf = ({ operation }: Workload, problem: unknown): string => {
  const counts = operation.inputs(problem).map(({ shape }) => shape.reduce((count, size) => count * size, 1));
  return `operands of ${counts.join(' and ')} elements`;
};
