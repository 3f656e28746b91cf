// What the shapes of q, k and v say of a problem of attention.
import { expectOneOf } from '../expect.ts';
import type { AttentionLayout } from '../reference/attention.ts';
import { formatShape, sameShape, type Shape, type Tensor } from '../tensor.ts';
import { withAxes, type Offsets, type Sizes } from './attentionChecks.ts';
import { expectShape } from './expect.ts';

/** Sizes of padded sequences. */
export function denseSizes(q: Tensor, k: Tensor, v: Tensor, layout: AttentionLayout): Sizes {
  expectOneOf('attention', 'layout', layout, ['bhsd', 'bshd']);
  const ordered = <T>(heads: T, seqLen: T): [T, T] => (layout === 'bhsd' ? [heads, seqLen] : [seqLen, heads]);
  const sized = (name: string, tensor: Tensor, names: [string, string, string]): number[] => {
    const [batch, second, third, dim] = withAxes(name, tensor, [
      'batch',
      ...ordered(names[0], names[1]),
      names[2],
    ]);
    return [batch!, ...ordered(second!, third!), dim!];
  };
  type Axes = [number, number, number, number];
  const [batch, heads, seqLenQ, headDim] = sized('q', q, ['heads', 'seqLenQ', 'headDim']) as Axes;
  const [, kvHeads, seqLenKv] = sized('k', k, ['kvHeads', 'seqLenKv', 'headDim']) as Axes;
  const [, , , headDimV] = sized('v', v, ['kvHeads', 'seqLenKv', 'headDimV']) as Axes;
  const rows = [batch, ...ordered(kvHeads, seqLenKv)];
  expectSizes('k', k, [...rows, headDim], 'q', q);
  expectSizes('v', v, [...rows, headDimV], 'k', k);
  return {
    batch,
    heads,
    kvHeads,
    seqLenQ,
    seqLenKv,
    headDim,
    headDimV,
    layout: layout === 'bhsd' ? undefined : layout,
    tokens: undefined,
    cache: undefined,
    quantised: undefined,
  };
}

/** @throws ShapeError unless the tensor has the sizes that go with another one. */
function expectSizes(argument: string, tensor: Tensor, sizes: Shape, beside: string, other: Tensor): void {
  if (sameShape(tensor.shape, sizes)) return;
  expectShape('attention', argument, tensor, [sizes], ` to go with ${beside} ${formatShape(other.shape)}`);
}

/** Sizes of sequences one behind the other. */
export function packedSizes(q: Tensor, k: Tensor, v: Tensor, offsets: Offsets): Sizes {
  type Axes = [number, number, number];
  const [tokensQ, heads, headDim] = withAxes('q', q, ['tokens', 'heads', 'headDim']) as Axes;
  const [tokensKv, kvHeads] = withAxes('k', k, ['tokens', 'kvHeads', 'headDim']) as Axes;
  const [, , headDimV] = withAxes('v', v, ['tokens', 'kvHeads', 'headDimV']) as Axes;
  expectSizes('k', k, [tokensKv, kvHeads, headDim], 'q', q);
  expectSizes('v', v, [tokensKv, kvHeads, headDimV], 'k', k);
  const longest = (values: ArrayLike<number>): number => {
    let length = 0;
    for (let b = 1; b < values.length; b++) length = Math.max(length, values[b]! - values[b - 1]!);
    return length;
  };
  return {
    batch: offsets.q.length - 1,
    heads,
    kvHeads,
    seqLenQ: longest(offsets.q),
    seqLenKv: longest(offsets.kv),
    headDim,
    headDimV,
    layout: 'packed',
    tokens: { q: tokensQ, kv: tokensKv },
    cache: undefined,
    quantised: undefined,
  };
}
