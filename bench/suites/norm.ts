import { normOperation } from '../../src/kernels/checked.ts';
import { gridSize, splitAxes } from '../../src/reference/grids.ts';
import type { NormProblem } from '../../src/reference/norm.ts';
import type { Checker, Sample } from '../measure/check.ts';
import type { Operand } from '../measure/operand.ts';
import type { Random } from '../measure/random.ts';
import { gatherRows, positionsOfRows } from '../measure/rows.ts';
import type { TaskDType } from '../peers/task.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference reads each element three times, its error bound twice as often. */
const PASSES = 9;

export const normChecker: Checker<NormProblem> = {
  referenceSteps: ({ keptDims, reducedDims }) => PASSES * gridSize(keptDims) * gridSize(reducedDims),
  sample: sampleRows,
};

/** Some of the rows, which here have no gaps and the same channels. */
function sampleRows(
  problem: NormProblem,
  operands: readonly Operand[],
  random: Random,
  maxSteps: number,
): Sample<NormProblem> {
  const rows = gridSize(problem.keptDims);
  const width = gridSize(problem.reducedDims);
  const count = Math.max(2, Math.floor(maxSteps / (PASSES * width)));
  const chosen = random.choose(Math.min(count, rows), rows);
  return {
    parts: [
      {
        problem: { ...problem, ...rowGrids(chosen.length, width) },
        inputs: operands.map((operand) =>
          operand.size === width && rows > 1 ? operand.values() : gatherRows(operand, chosen, width),
        ),
        positions: positionsOfRows(chosen, width),
      },
    ],
    description: `${chosen.length} of ${rows} rows`,
  };
}

const rowGrids = (rows: number, width: number): NonNullable<ReturnType<typeof splitAxes>> =>
  splitAxes([rows, width], new Set([1]))!;

type Variant = Pick<NormProblem, 'kind' | 'bias' | 'residual'> & {
  readonly op: string;
  readonly label: string;
};

const RMS: Variant = { op: 'rmsNorm', label: 'hidden states', kind: 'rms', bias: false, residual: false };
const ADDED_RMS: Variant = { ...RMS, label: 'hidden states and residual', residual: true };
const LAYER: Variant = {
  op: 'layerNorm',
  label: 'hidden states',
  kind: 'layer',
  bias: true,
  residual: false,
};

const EPSILON = 1e-5;

function workload(
  { op, label, kind, bias, residual }: Variant,
  width: number,
  dtype: TaskDType,
  representative = false,
): Workload {
  const problem = (rows: number, columns: number): NormProblem => ({
    kind,
    dtype,
    ...rowGrids(rows, columns),
    groups: 1,
    channels: columns,
    spatial: 1,
    epsilon: EPSILON,
    scale: true,
    bias,
    residual,
    sum: false,
  });
  return defineWorkload<NormProblem>({
    family: 'norm',
    op,
    label,
    operation: normOperation,
    problems: halvings(TOKENS, 16).map((rows) => problem(rows, width)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([rows, columns]) => problem(rows!, columns!) },
    checker: normChecker,
    shape: ({ keptDims }) => ({ rows: gridSize(keptDims), columns: width }),
    shapeText: ({ keptDims }) => times(gridSize(keptDims), width),
    unit: () => 'fp32',
    ...(residual
      ? {}
      : {
          task: ({ keptDims }: NormProblem) => ({
            op: kind === 'rms' ? ('rmsNorm' as const) : ('layerNorm' as const),
            dtype,
            rows: gridSize(keptDims),
            columns: width,
            epsilon: EPSILON,
          }),
        }),
    representative,
  });
}

/** Tokens whose hidden states are normalised. */
const TOKENS = 8192;

/** The norms that are compared with other libraries'. */
export function comparedNorms(model: ModelShape, dtype: 'f32' | 'f16'): Workload[] {
  return [workload(RMS, model.hidden, dtype), workload(LAYER, model.hidden, dtype)];
}

/** Normalisation of a model's hidden states, with the residual added on the way and without. */
export function normWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const workloads = [workload(RMS, model.hidden, dtype, true)];
  if (extent !== 'quick') {
    workloads.push(workload(ADDED_RMS, model.hidden, dtype), workload(LAYER, model.hidden, 'f32'));
  }
  return workloads;
}
