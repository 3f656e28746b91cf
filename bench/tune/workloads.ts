import { ArgumentError } from '../../src/errors.ts';
import { allWorkloads, workloadsNamed, type ModelShape, type Workload } from '../suites/index.ts';
import { workloadsToTune } from './tasks.ts';

/**
 * The workloads to tune for: those named, at the sizes given, one a class of problems.
 *
 * @param ops operations or families; all where none is named
 * @param shapes sizes of problems, instead of the suite's
 * @throws ArgumentError for names that there are not, and sizes that none of the operations takes
 */
export function chooseWorkloads(
  ops: readonly string[],
  shapes: readonly (readonly number[])[],
  model: ModelShape,
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
