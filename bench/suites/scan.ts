import { scanOperation } from '../../src/kernels/checked.ts';
import type { ScanProblem } from '../../src/reference/scan.ts';
import { rowsChecker } from '../measure/rowsChecker.ts';
import type { TaskDType } from '../peers/task.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference reads each element once, its error bound once more. */
const PASSES = 2;

export const scanChecker = rowsChecker<ScanProblem>(
  ({ outer, length, inner }) => PASSES * outer * length * inner,
);

type Direction = 'each row' | 'each column' | 'everything';

const LAYOUTS: Readonly<
  Record<Direction, (rows: number, columns: number) => Pick<ScanProblem, 'outer' | 'length' | 'inner'>>
> = {
  'each row': (rows, columns) => ({ outer: rows, length: columns, inner: 1 }),
  'each column': (rows, columns) => ({ outer: 1, length: rows, inner: columns }),
  everything: (rows, columns) => ({ outer: 1, length: rows * columns, inner: 1 }),
};

function workload(direction: Direction, columns: number, dtype: TaskDType, representative = false): Workload {
  const problem = (rows: number, of: number): ScanProblem => ({
    operator: 'sum',
    dtype,
    ...LAYOUTS[direction](rows, of),
    exclusive: false,
    reverse: false,
  });
  return defineWorkload<ScanProblem>({
    family: 'scan',
    op: 'cumsum',
    label: `${direction} of activations`,
    operation: scanOperation,
    problems: halvings(TOKENS, 64).map((rows) => problem(rows, columns)),
    checker: scanChecker,
    sized: { sizes: 'ROWS x COLUMNS', problem: ([rows, of]) => problem(rows!, of!) },
    shape: ({ outer, length, inner }) => ({ rows: (outer * length * inner) / columns, columns }),
    shapeText: ({ outer, length, inner }) => times((outer * length * inner) / columns, columns),
    unit: () => 'fp32',
    // That of everything is that of one row.
    task: ({ outer, length, inner }) => ({
      op: 'cumsum',
      dtype,
      rows: inner === 1 ? outer : length,
      columns: inner === 1 ? length : inner,
      axis: inner === 1 ? 1 : 0,
    }),
    representative,
  });
}

/** Tokens whose activations are summed up. */
const TOKENS = 8192;

/** The running sums that are compared with other libraries'; they have no other type in common. */
export function comparedScans(model: ModelShape, dtype: 'f32' | 'f16'): Workload[] {
  if (dtype !== 'f32') return [];
  return [workload('each row', model.hidden, dtype), workload('each column', model.hidden, dtype)];
}

/** Running sums of rows, of columns and of everything. */
export function scanWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const workloads = [
    workload('each row', model.hidden, 'f32', true),
    workload('each column', model.hidden, 'f32'),
    workload('everything', model.hidden, 'f32'),
  ];
  if (extent === 'full' && dtype === 'f16') workloads.push(workload('each row', model.hidden, dtype));
  return workloads;
}
