import type { HistogramProblem } from '../../reference/histogram.ts';
import type { Case, Distribution } from '../define.ts';

function histogramCase(problem: HistogramProblem, distribution?: Distribution): Case<HistogramProblem> {
  const { dtype, length, bins, range } = problem;
  const within = range ? ` from ${range[0]} to ${range[1]}` : '';
  const name = `${dtype} [${length}] in ${bins} bins${within}`;
  return distribution ? { name: `${name}, ${distribution}`, problem, distribution } : { name, problem };
}

const integers = (['i32', 'u32'] as const).flatMap((dtype) =>
  [1, 101, 255, 256, 257, 60_000].map((bins, index) =>
    histogramCase({ dtype, bins, length: [1, 1000, 4099, 70_001][index % 4]! }),
  ),
);

const floats = (['f32', 'f16'] as const).flatMap((dtype) => [
  histogramCase({ dtype, length: 20_011, bins: 10, range: [-1, 1] }),
  histogramCase({ dtype, length: 5000, bins: 1, range: [0, 0.5] }),
  histogramCase({ dtype, length: 1000, bins: 300, range: [-3, 4] }, 'infinities'),
  histogramCase({ dtype, length: 1000, bins: 7, range: [-3, 4] }, 'nan'),
  // Every element is at the edge of two bins, the last of all included.
  histogramCase({ dtype, length: 1000, bins: 6, range: [-3, 3] }, 'ties'),
]);

const empty = histogramCase({ dtype: 'f32', length: 0, bins: 5, range: [0, 1] });

export const histogramCases: readonly Case<HistogramProblem>[] = [...integers, ...floats, empty];
