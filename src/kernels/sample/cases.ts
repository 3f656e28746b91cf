import type { SampleProblem } from '../../reference/sample.ts';
import type { Case, Distribution } from '../define.ts';

const PLAIN = { dtype: 'f32', chosen: false, scale: 1, minP: 0, topP: 1, seed: 1, step: 0 } as const;

function sampleCase(
  rows: number,
  length: number,
  options: Partial<SampleProblem> & { readonly distribution?: Distribution } = {},
): Case<SampleProblem> {
  const { distribution, ...given } = options;
  const name = `${rows} of ${length} ${JSON.stringify(options)}`;
  return { name, problem: { ...PLAIN, ...given, rows, length }, ...(distribution && { distribution }) };
}

const CUT = { rows: 40, length: 500, topP: Math.fround(0.9), minP: Math.fround(0.01), chosen: true };

/** Some of the likeliest tokens together; the same descending logits in each row. */
const cut: Case<SampleProblem> = {
  name: `${CUT.rows} of ${CUT.length}, the first that together have most of it`,
  problem: { ...PLAIN, ...CUT },
  given: {
    0: Array.from({ length: CUT.rows * CUT.length }, (_, i) => -Math.fround(Math.log(1 + (i % CUT.length)))),
  },
};

/** Rows around the sizes of tiles, at several temperatures; the smallest and largest seeds. */
export const sampleCases: readonly Case<SampleProblem>[] = [
  sampleCase(1, 1),
  sampleCase(64, 3),
  sampleCase(33, 31, { scale: 0.5 }),
  sampleCase(33, 32, { scale: 4, seed: 2 ** 53 - 1 }),
  sampleCase(33, 33, { dtype: 'f16', step: 2 ** 32 - 1 }),
  sampleCase(20, 1000, { chosen: true, seed: 12_345_678_901 }),
  sampleCase(5, 20_011, { step: 3 }),
  sampleCase(50, 300, { minP: Math.fround(0.1) }),
  sampleCase(50, 300, { minP: 1, scale: 2 }),
  // Many rows, in some of which the last candidate is drawn.
  sampleCase(500, 33, { minP: 0.5 }),
  cut,
  sampleCase(20, 200, { distribution: 'nan' }),
  sampleCase(20, 200, { distribution: 'infinities', chosen: true }),
];
