import type { WriteRowsProblem } from '../../reference/writeRows.ts';
import type { Case } from '../define.ts';

function writeCase(
  name: string,
  options: Partial<WriteRowsProblem>,
  positions: readonly number[],
  blockTable: readonly number[] = [],
): Case<WriteRowsProblem> {
  const problem: WriteRowsProblem = {
    batch: 2,
    heads: 3,
    seqLen: 5,
    headDim: 32,
    dtype: 'f32',
    layout: 'bhsd',
    ...options,
  };
  const table = blockTable.length > 0 ? { [problem.rotary ? 4 : 2]: blockTable } : {};
  return { name: `${problem.dtype} ${name}`, problem, given: { 1: positions, ...table } };
}

const rotary = { dim: 32, rows: 40, interleaved: false } as const;
const paged = { layout: { kind: 'paged', blocks: 9, blockSize: 4 }, capacity: 16 } as const;
/** No block twice: two tokens that go to one place would be written in any order. */
const TABLE = [8, 3, 1, 0, 2, 5, 7, 4];

export const writeRowsCases: readonly Case<WriteRowsProblem>[] = [
  writeCase('rotary', { rotary }, [0, 17]),
  writeCase(
    'rotary, interleaved, bshd',
    { rotary: { ...rotary, interleaved: true }, layout: 'bshd' },
    [3, 0],
  ),
  writeCase('rotary of a part of an odd row', { rotary: { ...rotary, dim: 6 }, headDim: 13 }, [1, 2]),
  writeCase('rotary behind the table', { rotary }, [38, 1000]),
  writeCase('rotary', { rotary, dtype: 'f16' }, [0, 17]),
  writeCase('linear cache', { cache: { layout: { kind: 'linear' }, capacity: 12 } }, [0, 4]),
  writeCase(
    'linear cache, behind its end',
    { cache: { layout: { kind: 'linear' }, capacity: 12 } },
    [10, 90],
  ),
  writeCase('ring', { cache: { layout: { kind: 'ring' }, capacity: 7 }, layout: 'bshd' }, [5, 100]),
  writeCase('ring, more than fit', { cache: { layout: { kind: 'ring' }, capacity: 3 }, rotary }, [2, 30]),
  writeCase('paged', { cache: paged, rotary, dtype: 'f16' }, [2, 9], TABLE),
  writeCase('paged, a block that is not there', { cache: paged }, [0, 14], [3, 99, 1, 0, 2, 5, 7, 4]),
  writeCase(
    'quantised',
    { cache: { layout: { kind: 'linear' }, capacity: 5 }, quantised: true, headDim: 64 },
    [0, 0],
  ),
  writeCase(
    'quantised ring, rotary',
    { cache: { layout: { kind: 'ring' }, capacity: 5 }, quantised: true, rotary, dtype: 'f16' },
    [3, 0],
  ),
];
