import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { WgslExtension } from '../../wgsl/source.ts';
import type { Contract } from '../define.ts';

export function softmaxExtensions({ dtype }: Pick<SoftmaxProblem, 'dtype'>): readonly WgslExtension[] {
  return dtype === 'f16' ? ['f16'] : [];
}

export const softmaxContract: Contract<SoftmaxProblem> = {
  name: 'softmax',
  inputs: ({ outer, length, inner, dtype }) => [{ shape: [outer, length, inner], dtype }],
  outputs: (problem) => softmaxContract.inputs(problem),
  key: (p) => `${p.log},${p.dtype},${p.outer},${p.length},${p.inner}`,
  slicing: {
    sizes: ({ outer }) => [outer],
    slice: (problem, _axis, [begin, end]) => ({ ...problem, outer: end - begin }),
  },
};
