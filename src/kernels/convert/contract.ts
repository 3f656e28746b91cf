import type { ConvertProblem } from '../../reference/convert.ts';
import type { Contract } from '../define.ts';

/** How many the result has. */
export const elementsOf = ({ dims }: ConvertProblem): number => dims[0] * dims[1] * dims[2] * dims[3];

export const convertContract: Contract<ConvertProblem> = {
  name: 'convert',
  inputs: ({ elements, from }) => [{ shape: [elements], dtype: from }],
  outputs: (problem) => [{ shape: [elementsOf(problem)], dtype: problem.to }],
  key: ({ from, to, dims, strides, offset, valid }) =>
    `${from},${to},${dims.join()},${strides.join()},${offset},${valid}`,
};
