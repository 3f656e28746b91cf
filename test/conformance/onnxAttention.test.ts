import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attention, openDevice, type AttentionOptions, type Device } from '../../src/node.ts';
import type { Shape } from '../../src/tensor.ts';

/** Inputs and attributes of ONNX's Attention operator, as far as they are about its first output. */
interface Node {
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headDimV?: number;
  readonly scale?: number;
  readonly softcap?: number;
  readonly causal?: true;
  /** q, k and v have three axes, [batch, sequence, heads * headDim]. */
  readonly flat?: true;
  /** Keys of past_key, in front of those of K. */
  readonly past?: number;
  readonly nonpadKvSeqlen?: readonly [number, number];
  readonly mask?: { readonly shape: Shape; readonly boolean?: true; readonly hiddenRow?: true };
}

/**
 * What the operator's own test cases are about (`test_attention_*`, opset 23 and 24) and more, in their shapes: batch 2, 4
 * queries, 6 keys, headDim 8. Not among them: the scores as an output, and the type of softmax, which here always is f32.
 */
const NODES: Readonly<Record<string, Node>> = {
  '4d': {},
  '4d gqa': { heads: 9 },
  '4d diff_heads_sizes': { headDimV: 10 },
  '4d scaled': { scale: 0.01 },
  '4d gqa scaled': { heads: 9, scale: 0.01 },
  '4d causal': { causal: true },
  '4d gqa causal': { heads: 9, causal: true },
  '4d diff_heads_sizes causal': { headDimV: 10, causal: true },
  '4d attn_mask': { mask: { shape: [4, 6] } },
  '4d attn_mask 3d': { mask: { shape: [2, 1, 4, 6] } },
  '4d attn_mask 3d causal': { mask: { shape: [2, 1, 4, 6] }, causal: true },
  '4d attn_mask 4d': { mask: { shape: [2, 3, 4, 6] } },
  '4d attn_mask 4d causal': { mask: { shape: [2, 3, 4, 6] }, causal: true },
  '4d attn_mask bool': { mask: { shape: [4, 6], boolean: true } },
  '4d attn_mask bool 4d': { mask: { shape: [2, 3, 4, 6], boolean: true } },
  '4d gqa attn_mask': { heads: 9, mask: { shape: [4, 6] } },
  '4d softcap': { softcap: 2 },
  '4d gqa softcap': { heads: 9, softcap: 2 },
  '4d softcap, attn_mask': { softcap: 0.5, mask: { shape: [4, 6] } },
  '4d softcap, a hidden row': { softcap: 0.5, mask: { shape: [4, 6], hiddenRow: true } },
  '4d a hidden row, bool': { mask: { shape: [4, 6], boolean: true, hiddenRow: true } },
  '4d with_past_and_present': { past: 12, mask: { shape: [4, 18] } },
  '4d with_past_and_present, causal': { past: 12, causal: true },
  '4d gqa with_past_and_present': { heads: 9, past: 12, mask: { shape: [4, 18] } },
  '4d padded mask': { mask: { shape: [2, 3, 4, 4] } },
  '4d padded mask, bool, causal': { mask: { shape: [4, 4], boolean: true }, causal: true },
  '4d with_past_and_present, padded mask': { past: 12, mask: { shape: [4, 15] } },
  '4d nonpad_kv_seqlen': { nonpadKvSeqlen: [3, 4] },
  '4d nonpad_kv_seqlen causal': { nonpadKvSeqlen: [3, 6], causal: true },
  '4d nonpad_kv_seqlen, attn_mask': { nonpadKvSeqlen: [3, 4], mask: { shape: [4, 6] } },
  '3d': { flat: true },
  '3d gqa': { flat: true, heads: 9 },
  '3d diff_heads_sizes': { flat: true, headDimV: 10 },
  '3d causal': { flat: true, causal: true },
  '3d gqa attn_mask': { flat: true, heads: 9, mask: { shape: [4, 6] } },
  '3d gqa softcap': { flat: true, heads: 9, softcap: 3 },
  '3d with_past_and_present': { flat: true, past: 12, mask: { shape: [4, 18] } },
};

const BATCH = 2;
const QUERIES = 4;
const HEAD_DIM = 8;

interface Operands {
  readonly keys: number;
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly mask: Float64Array | undefined;
}

/** From 0 to 1, as in the operator's own cases. */
const uniform = (shape: Shape, seed: number): Float64Array =>
  randomElements({ shape, dtype: 'f32' }, seed).map((x) => Math.fround(1 / (1 + Math.exp(-x))));

function operandsOf({ heads = 3, kvHeads = 3, headDimV = HEAD_DIM, past = 0, mask }: Node): Operands {
  const keys = 6 + past;
  const entries = mask && uniform(mask.shape, 4);
  const keysOfMask = mask?.shape.at(-1) ?? 1;
  return {
    keys,
    q: uniform([BATCH, heads, QUERIES, HEAD_DIM], 1),
    k: uniform([BATCH, kvHeads, keys, HEAD_DIM], 2),
    v: uniform([BATCH, kvHeads, keys, headDimV], 3),
    mask: entries?.map((entry, index) => {
      const hidden = mask!.hiddenRow && Math.floor(index / keysOfMask) % QUERIES === 2;
      if (mask!.boolean) return !hidden && entry > 0.4 ? 1 : 0;
      return hidden ? -Infinity : entry;
    }),
  };
}

/** The operator as its description defines it: softmax(softcap(scale Q K^T) + bias) V, and zeros for a row that sees nothing. */
function defined(node: Node, { keys, q, k, v, mask }: Operands): Float64Array {
  const {
    heads = 3,
    kvHeads = 3,
    headDimV = HEAD_DIM,
    scale = 1 / Math.sqrt(HEAD_DIM),
    softcap,
    past,
  } = node;
  const o = new Float64Array(BATCH * heads * QUERIES * headDimV);
  for (let row = 0; row < BATCH * heads * QUERIES; row++) {
    const [b, h, i] = [Math.floor(row / QUERIES / heads), Math.floor(row / QUERIES) % heads, row % QUERIES];
    const kvRow = (b * kvHeads + Math.floor(h / (heads / kvHeads))) * keys;
    const length = node.nonpadKvSeqlen?.[b] ?? keys;
    const offset = node.nonpadKvSeqlen ? length - QUERIES : (past ?? 0);
    const scores = Array.from({ length: keys }, (_, j) => {
      let product = 0;
      for (let d = 0; d < HEAD_DIM; d++) product += q[row * HEAD_DIM + d]! * k[(kvRow + j) * HEAD_DIM + d]!;
      const capped = softcap ? softcap * Math.tanh((scale * product) / softcap) : scale * product;
      if (j >= length || (node.causal && j > i + offset)) return -Infinity;
      return capped + biasAt(node.mask, mask, [b, h, i, j]);
    });
    const maximum = Math.max(...scores);
    if (maximum === -Infinity) continue;
    const weights = scores.map((score) => Math.exp(score - maximum));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [j, weight] of weights.entries()) {
      for (let d = 0; d < headDimV; d++)
        o[row * headDimV + d]! += (weight / sum) * v[(kvRow + j) * headDimV + d]!;
    }
  }
  return o;
}

/** The mask's entry for [batch, head, query, key]; behind the mask's end there is -Infinity. */
function biasAt(mask: Node['mask'], entries: Float64Array | undefined, at: readonly number[]): number {
  if (!mask) return 0;
  if (at[3]! >= mask.shape.at(-1)!) return -Infinity;
  const place = at.slice(4 - mask.shape.length);
  const entry =
    entries![mask.shape.reduce((index, size, axis) => index * size + (size === 1 ? 0 : place[axis]!), 0)]!;
  return mask.boolean ? (entry ? 0 : -Infinity) : entry;
}

/** [batch, heads, rows, dim] as [batch, rows, heads, dim], or back: the two middle axes change places. */
function swapped(values: ArrayLike<number>, [batch, one, other, dim]: readonly number[]): Float64Array {
  const out = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const d = index % dim!;
    const j = Math.floor(index / dim!) % other!;
    const i = Math.floor(index / dim! / other!) % one!;
    const b = Math.floor(index / dim! / other! / one!);
    out[((b * other! + j) * one! + i) * dim! + d] = values[index]!;
  }
  expect(out.length).toBe(batch! * one! * other! * dim!);
  return out;
}

/** The same by the library. */
async function computed(device: Device, node: Node, operands: Operands): Promise<ArrayLike<number>> {
  const { heads = 3, kvHeads = 3, headDimV = HEAD_DIM, scale, softcap, causal, flat, past, mask } = node;
  const tensor = (values: Float64Array, shape: readonly number[]) =>
    flat
      ? device.tensor(swapped(values, shape), [shape[0]!, shape[2]!, shape[1]!, shape[3]!])
      : device.tensor(values, [...shape]);
  const q = tensor(operands.q, [BATCH, heads, QUERIES, HEAD_DIM]);
  const k = tensor(operands.k, [BATCH, kvHeads, operands.keys, HEAD_DIM]);
  const v = tensor(operands.v, [BATCH, kvHeads, operands.keys, headDimV]);
  const options: AttentionOptions = {
    scale,
    softcap,
    ...(flat && { layout: 'bshd' }),
    ...(causal && { causal, alignment: node.nonpadKvSeqlen ? 'lower-right' : (past ?? 0) }),
    ...(node.nonpadKvSeqlen && { lengths: node.nonpadKvSeqlen }),
    ...(mask && { mask: device.tensor(operands.mask!, mask.shape, mask.boolean ? 'u32' : 'f32') }),
  };
  const values = await attention(q, k, v, options).read();
  return flat ? swapped(values, [BATCH, QUERIES, heads, headDimV]) : values;
}

/** Values up to 1, scores up to 3 of 8 products, at most 18 keys: a generous count of the roundings that meet in a result. */
const TOLERANCE = 64 * 2 ** -24;

describe.each(['cpu', 'webgpu'] as const)("ONNX's Attention on the %s backend", (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice({ backend });
    return () => device.destroy();
  });

  it.each(Object.entries(NODES))('%s', async (_, node) => {
    const operands = operandsOf(node);
    const expected = defined(node, operands);
    const got = await computed(device, node, operands);
    expect(got.length).toBe(expected.length);
    for (const [index, want] of expected.entries())
      expect(Math.abs(got[index]! - want), `element ${index}`).toBeLessThanOrEqual(
        want === 0 ? 0 : TOLERANCE,
      );
  });
});
