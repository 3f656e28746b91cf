import * as fc from 'fast-check';
import { attentionOperation } from '../../../src/kernels/attention/index.ts';
import { attentionBackwardOperation } from '../../../src/kernels/attentionBackward/index.ts';
import {
  call,
  choiceOf,
  defined,
  flag,
  floating,
  maybe,
  offsetsOf,
  onceIn,
  plainOperands,
  ref,
  smallSize,
  type Family,
  type Spec,
} from './values.ts';

const lengthQ = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(16, 17, 33, 65));
const lengthKv = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 31, 64, 100, 200));
const headDim = fc.constantFrom(1, 3, 8, 16, 20, 32, 64, 65, 128);
const window = maybe(
  fc.record({ left: fc.integer({ min: 0, max: 40 }), right: fc.integer({ min: 0, max: 5 }) }),
);

/** What is the same for all shapes, and decides which shaders there are. */
const form = fc.record({
  op: fc.constantFrom(
    'attention',
    'attention',
    'attentionWithLogSumExp',
    'attentionBackward',
    'attentionThereAndBack',
  ),
  dtype: floating,
  headDim,
  headDimV: fc.constantFrom(0, 0, 0, 5, 16, 64),
  causal: fc.constantFrom(undefined, false, 'upper-left', 'lower-right'),
  windowed: onceIn(3),
  softcap: maybe(fc.constantFrom(1, 30)),
  mask: fc.constantFrom(undefined, undefined, 'f32', 'f16', 'u32'),
  sinks: onceIn(3),
  alibi: fc.constantFrom(undefined, undefined, undefined, undefined, 'heads', 'batch'),
  lengths: onceIn(3),
  layout: fc.constantFrom(undefined, 'bhsd', 'bshd'),
  forward: choiceOf(attentionOperation),
  backward: choiceOf(attentionBackwardOperation),
});

/** Gradients and error bounds of numbers without bounds say nothing: operands are plain. */
export const attentions: Family = form.map((p) =>
  fc
    .record({
      batch: smallSize,
      kvHeads: fc.integer({ min: 1, max: 3 }),
      share: fc.integer({ min: 1, max: 3 }),
      lengthQ,
      lengthKv,
      window,
      scale: maybe(fc.constantFrom(0, 0.3, -1)),
      alignment: fc.integer({ min: -20, max: 20 }),
      maskShape: fc.tuple(flag, flag, flag, fc.constantFrom('all', 'one', 'less')),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .chain((drawn) => {
      const backward = p.op.endsWith('Back') || p.op.endsWith('Backward');
      // Small enough for the CPU path, the backward pass of which is longer.
      const work = drawn.batch * drawn.kvHeads * drawn.share * drawn.lengthQ * drawn.lengthKv * p.headDim;
      const small = work > (backward ? 100_000 : 300_000);
      const [batch, share] = small ? [1, 1] : [drawn.batch, drawn.share];
      const kvHeads = small ? 1 : drawn.kvHeads;
      const heads = kvHeads * share;
      const dimV = p.headDimV || p.headDim;
      const rows = (count: number, length: number, dim: number): number[] =>
        p.layout === 'bshd' ? [batch, length, count, dim] : [batch, count, length, dim];
      const list: Spec[] = [
        [rows(heads, drawn.lengthQ, p.headDim), p.dtype],
        [rows(kvHeads, drawn.lengthKv, p.headDim), p.dtype],
        [rows(kvHeads, drawn.lengthKv, dimV), p.dtype],
      ];
      if (backward) list.push([rows(heads, drawn.lengthQ, dimV), p.dtype]);
      const inputs = list.map((_, index) => ref(index));
      const options: Record<string, unknown> = {
        causal: p.causal,
        softcap: p.softcap,
        layout: p.layout,
        scale: drawn.scale,
        ...(backward ? p.backward : p.forward),
      };
      const add = (name: string, spec: Spec): void => {
        options[name] = ref(list.length);
        list.push(spec);
      };
      if (p.windowed && drawn.window) {
        options['window'] = p.causal ? { left: drawn.window.left } : drawn.window;
        options['alignment'] = p.causal || 'lower-right';
      }
      if (p.mask) {
        const [ofBatch, ofHead, ofQuery, keys] = drawn.maskShape;
        const lastAxis = { all: drawn.lengthKv, one: 1, less: Math.ceil(drawn.lengthKv / 2) }[keys];
        add('mask', [
          [ofBatch ? batch : 1, ofHead ? heads : 1, ofQuery ? drawn.lengthQ : 1, lastAxis],
          p.mask,
        ]);
      }
      if (p.sinks) add('sinks', [[heads], 'f32']);
      if (p.alibi) {
        add('alibiSlopes', [p.alibi === 'batch' ? [batch, heads] : [heads], 'f32']);
        options['alignment'] ??= p.causal || drawn.alignment;
      }
      if (p.lengths)
        options['lengths'] = Array.from({ length: batch }, (_, i) =>
          Math.max(0, Math.floor(drawn.part * (drawn.lengthKv - (i % 2)))),
        );
      return call(p.op, plainOperands(...list), [...inputs, defined(options)]);
    }),
);

/** Sequences of different lengths, some without a token, one behind the other. */
export const packedAttentions: Family = fc
  .record({
    op: fc.constantFrom('attention', 'attention', 'attentionWithLogSumExp', 'attentionBackward'),
    dtype: floating,
    headDim,
    causal: fc.constantFrom(undefined, 'upper-left', 'lower-right'),
    sinks: onceIn(3),
    alibi: onceIn(4),
    softcap: maybe(fc.constant(5)),
    apart: flag,
    forward: choiceOf(attentionOperation),
    backward: choiceOf(attentionBackwardOperation),
  })
  .map((p) =>
    fc
      .record({
        lengths: fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 40 })), { minLength: 1, maxLength: 5 }),
        kvHeads: fc.integer({ min: 1, max: 2 }),
        share: fc.integer({ min: 1, max: 2 }),
        left: maybe(fc.nat({ max: 20 })),
      })
      .chain(({ lengths, kvHeads, share, left }) => {
        const offsetsQ = offsetsOf(lengths.map(([q]) => q));
        const offsetsKv = p.apart ? offsetsOf(lengths.map(([, kv]) => kv)) : offsetsQ;
        const heads = kvHeads * share;
        const [tokensQ, tokensKv] = [offsetsQ.at(-1)!, offsetsKv.at(-1)!];
        const backward = p.op === 'attentionBackward';
        const list: Spec[] = [
          [[tokensQ, heads, p.headDim], p.dtype],
          [[tokensKv, kvHeads, p.headDim], p.dtype],
          [[tokensKv, kvHeads, p.headDim], p.dtype],
          ...(backward ? [[[tokensQ, heads, p.headDim], p.dtype] as const] : []),
        ];
        const inputs = list.map((_, index) => ref(index));
        const options: Record<string, unknown> = {
          offsetsQ,
          offsetsKv: p.apart ? offsetsKv : undefined,
          causal: p.causal,
          softcap: p.softcap,
          ...(left !== undefined && { window: { left }, alignment: p.causal ?? 'lower-right' }),
          ...(p.alibi && { alignment: p.causal ?? 'lower-right' }),
          ...(backward ? p.backward : p.forward),
        };
        const add = (name: string): void => {
          options[name] = ref(list.length);
          list.push([[heads], 'f32']);
        };
        if (p.sinks) add('sinks');
        if (p.alibi) add('alibiSlopes');
        return call(p.op, plainOperands(...list), [...inputs, defined(options)]);
      }),
  );
