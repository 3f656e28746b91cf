import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import type { WgslExtension } from '../../wgsl/source.ts';
import { bytesOf } from '../bytesOf.ts';
import type { Contract } from '../define.ts';

export function softmaxExtensions({ dtype }: Pick<SoftmaxProblem, 'dtype'>): readonly WgslExtension[] {
  return dtype === 'f16' ? ['f16'] : [];
}

/** Subtraction, exp, addition, division: one operation each. */
const FLOPS_PER_ELEMENT = 4;

export const softmaxContract: Contract<SoftmaxProblem> = {
  name: 'softmax',
  inputs: ({ outer, length, inner, dtype }) => [{ shape: [outer, length, inner], dtype }],
  outputs: (problem) => softmaxContract.inputs(problem),
  key: (p) => `${p.log},${p.dtype},${p.outer},${p.length},${p.inner}`,
  dtype: ({ dtype }) => dtype,
  slicing: {
    sizes: ({ outer }) => [outer],
    slice: (problem, _axis, [begin, end]) => ({ ...problem, outer: end - begin }),
  },
  shapeClass({ outer, length, inner }) {
    const layout = inner === 1 ? 'rows' : 'columns';
    const count = outer * inner < 256 ? 'few' : 'many';
    return `${layout}-${count}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: ({ outer, length, inner }) => FLOPS_PER_ELEMENT * outer * length * inner,
  bytes: (problem) =>
    bytesOf([...softmaxContract.inputs(problem), ...softmaxContract.outputs(problem)], dtypeSizeBytes),
};
