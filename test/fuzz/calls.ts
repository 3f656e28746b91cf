import * as fc from 'fast-check';
import { REDUCTION_KINDS } from '../../src/reference/reduction.ts';
import { DTYPES } from '../../src/tensor.ts';
import type { Call, Operand } from './perform.ts';

type Dtype = Operand['dtype'];

/** Sizes of axes: empty, one, around the edges of tiles and vectors, primes; rarely large. */
const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 4, arbitrary: fc.constantFrom(15, 16, 17, 31, 32, 33, 63, 64, 65) },
  { weight: 2, arbitrary: fc.constantFrom(97, 127, 128, 129, 251, 255, 256, 257) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const longSize = fc.oneof(
  { weight: 6, arbitrary: size },
  { weight: 2, arbitrary: fc.constantFrom(1000, 1023, 1024, 1025, 4095, 4097, 10_007) },
);
const smallSize = fc.integer({ min: 1, max: 4 });
const flag = fc.boolean();
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const floating = fc.constantFrom<Dtype>('f32', 'f32', 'f16');
const arithmetic = fc.constantFrom<Dtype>('f32', 'f32', 'f16', 'i32', 'u32');
const anyDtype = fc.constantFrom(...DTYPES);
const distribution = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Operand['distribution']>('normal') },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Operand['distribution']>('outliers', 'infinities', 'nan', 'ties', 'nearOne'),
  },
);
const seed = fc.integer({ min: 1, max: 1_000_000 });
const activation = fc.constantFrom('none', 'relu', 'gelu', 'geluTanh', 'silu', 'sigmoid', 'tanh');

/** Shapes of few enough elements for the CPU path. */
const shape = fc
  .tuple(fc.array(smallSize, { maxLength: 2 }), longSize, maybe(size))
  .map(([outer, length, inner]) => [...outer, length, ...(inner === undefined ? [] : [inner])])
  .map((sizes) => (sizes.reduce((product, one) => product * one, 1) > 40_000 ? sizes.slice(-1) : sizes));

const view: fc.Arbitrary<Operand['view']> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 3 }).map((axis) => ({ kind: 'slice' as const, axis })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'transpose' as const }) },
);

function operand(sizes: readonly number[], dtype: Dtype): fc.Arbitrary<Operand> {
  return fc.tuple(seed, distribution, view).map(([number, drawn, seen]) => ({
    shape: sizes,
    dtype,
    seed: number,
    distribution: drawn,
    ...(seen && { view: seen }),
  }));
}

const operands = (...specs: readonly (readonly [readonly number[], Dtype])[]): fc.Arbitrary<Operand[]> =>
  fc.tuple(...specs.map(([sizes, dtype]) => operand(sizes, dtype)));

const ref = (index: number): { readonly operand: number } => ({ operand: index });

/** Leaves out what is undefined, so that a call is the same when it is read back from JSON. */
const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const call = (op: string, given: fc.Arbitrary<Operand[]>, args: readonly unknown[]): fc.Arbitrary<Call> =>
  given.map((list) => ({ op, operands: list, args }));

const axisOf = (sizes: readonly number[]): fc.Arbitrary<number> =>
  fc.integer({ min: -sizes.length, max: Math.max(0, sizes.length - 1) });

const axesOf = (sizes: readonly number[]): fc.Arbitrary<number | number[] | undefined> =>
  fc.oneof(fc.constant(undefined), axisOf(sizes), fc.subarray(sizes.map((_, axis) => axis)));

const reductions = fc
  .tuple(fc.constantFrom(...REDUCTION_KINDS), shape, arithmetic)
  .chain(([op, sizes, dtype]) =>
    fc
      .record({
        axes: axesOf(sizes),
        keepDims: maybe(flag),
        reproducible: op === 'sum' || op === 'mean' ? maybe(flag) : fc.constant(undefined),
        correction: /variance|std|moments/.test(op)
          ? maybe(fc.integer({ min: 0, max: 2 }))
          : fc.constant(undefined),
      })
      .chain((options) => call(op, operands([sizes, dtype]), [ref(0), defined(options)])),
  );

/** Operators of the caller's whose results are exact: nothing is known of how others round. */
const custom = fc
  .tuple(
    fc.constantFrom<readonly [Dtype, object]>(
      ['i32', { combine: 'max(a, b)', identity: '-1000000' }],
      ['i32', { map: 'abs(x)', combine: 'a + b', identity: '0' }],
      ['f32', { map: 'select(0.0, 1.0, x > 0.5)', combine: 'a + b', identity: '0' }],
    ),
    shape,
  )
  .chain(([[dtype, operator], sizes]) =>
    axesOf(sizes).chain((axes) =>
      call('reduce', operands([sizes, dtype]), [ref(0), operator, defined({ axes })]),
    ),
  );

const products = fc
  .record({
    m: size,
    n: size,
    k: size,
    batchA: fc.array(smallSize, { maxLength: 2 }),
    broadcast: flag,
    dtypeA: fc.constantFrom<Dtype>('f32', 'f32', 'f16', 'bf16', 'i8'),
    sameType: fc.integer({ min: 0, max: 4 }).map((turn) => turn > 0),
    transposeA: flag,
    transposeB: flag,
    bias: flag,
    c: flag,
    residual: flag,
    gated: fc.integer({ min: 0, max: 4 }).map((turn) => turn === 0),
    activation: maybe(activation),
    alpha: maybe(fc.constantFrom(0.5, -2, 0)),
    beta: maybe(fc.constantFrom(0.5, -1, 0)),
    precision: maybe(fc.constantFrom('full', 'split')),
  })
  .chain((p) => {
    const { m, k, batchA } = p;
    const plain = p.dtypeA === 'i8';
    const n = p.gated && !plain ? 2 * Math.ceil(p.n / 2) : p.n;
    const columns = p.gated && !plain ? n / 2 : n;
    const batchB = p.broadcast ? batchA.map(() => 1) : batchA;
    const dtypeB: Dtype = p.sameType || plain || p.dtypeA !== 'f32' ? p.dtypeA : 'f16';
    const resultType: Dtype = p.dtypeA === 'f16' && dtypeB === 'f16' ? 'f16' : 'f32';
    const list: [number[], Dtype][] = [
      [[...batchA, ...(p.transposeA ? [k, m] : [m, k])], p.dtypeA],
      [[...batchB, ...(p.transposeB ? [n, k] : [k, n])], dtypeB],
    ];
    const options: Record<string, unknown> = { transposeA: p.transposeA, transposeB: p.transposeB };
    const add = (name: string, sizes: number[]): void => {
      options[name] = ref(list.length);
      list.push([sizes, resultType]);
    };
    if (!plain) {
      if (p.bias) add('bias', [n]);
      if (p.c) add('c', [m, n]);
      if (p.residual) add('residual', [...batchA, m, columns]);
      Object.assign(options, {
        activation: p.activation,
        alpha: p.alpha,
        beta: p.c ? p.beta : undefined,
        precision: p.precision,
      });
      if (p.gated) options['gated'] = true;
    }
    // An infinite factor of a gate meets an activation that is zero in one precision and the least number in another.
    const finite = (given: Operand[]): Operand[] =>
      given.map((one) => (one.distribution === 'infinities' ? { ...one, distribution: 'normal' } : one));
    const drawn = operands(...list);
    return call('matmul', p.gated ? drawn.map(finite) : drawn, [ref(0), ref(1), defined(options)]);
  });

const quantized = fc
  .record({
    m: fc.oneof(fc.constant(1), size),
    n: size,
    k: size,
    format: fc.constantFrom('int4', 'int8', 'e4m3', 'e5m2'),
    blockSize: fc.constantFrom(32, 64, 128),
    codes: seed,
    dtype: floating,
    bias: flag,
  })
  .chain(({ m, n, k, dtype, bias, ...weights }) =>
    operands([[m, k], dtype], [[n], dtype]).map((given) => ({
      op: 'quantizedMatmul',
      // Codes are random, so sums are large: numbers of half precision would be infinite.
      operands: given.map((one) => ({ ...one, distribution: 'normal' as const })),
      args: [ref(0), { n, k, ...weights }, { dtype: 'f32', ...(bias && { bias: ref(1) }) }],
    })),
  );

/** Where parts of these sizes begin, and where the last ends. */
function offsetsOf(counts: readonly number[]): number[] {
  const offsets = [0];
  for (const count of counts) offsets.push(offsets.at(-1)! + count);
  return offsets;
}

const grouped = fc
  .tuple(
    fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 }),
    size,
    size,
    floating,
    flag,
    flag,
  )
  .chain(([counts, n, k, dtype, transposeB, bias]) => {
    const offsets = offsetsOf(counts);
    const groups = counts.length;
    return call(
      'groupedMatmul',
      operands(
        [[offsets.at(-1)!, k], dtype],
        [[groups, ...(transposeB ? [n, k] : [k, n])], dtype],
        [[groups, n], dtype],
      ),
      [ref(0), ref(1), offsets, { transposeB, ...(bias && { bias: ref(2) }) }],
    );
  });

const attentions = fc
  .record({
    batch: smallSize,
    kvHeads: fc.integer({ min: 1, max: 3 }),
    share: fc.integer({ min: 1, max: 3 }),
    seqLenQ: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(16, 17, 33, 65)),
    seqLenKv: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 31, 64, 100, 200)),
    headDim: fc.constantFrom(1, 3, 8, 16, 20, 32, 64, 65, 128),
    headDimV: fc.constantFrom(0, 0, 0, 5, 16, 64),
    dtype: floating,
    causal: fc.constantFrom(undefined, false, 'upper-left', 'lower-right'),
    window: maybe(
      fc.record({ left: fc.integer({ min: 0, max: 40 }), right: fc.integer({ min: 0, max: 5 }) }),
    ),
    softcap: maybe(fc.constantFrom(1, 30)),
    mask: fc.constantFrom(undefined, undefined, 'f32', 'u32'),
    sinks: flag,
    alibi: fc.integer({ min: 0, max: 4 }).map((turn) => turn === 0),
    lengths: flag,
    layout: fc.constantFrom(undefined, 'bhsd', 'bshd'),
    op: fc.constantFrom('attention', 'attention', 'attentionWithLogSumExp', 'attentionBackward'),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .chain((p) => {
    const heads = p.kvHeads * p.share;
    const dimV = p.headDimV || p.headDim;
    const rows = (count: number, length: number, dim: number): number[] =>
      p.layout === 'bshd' ? [p.batch, length, count, dim] : [p.batch, count, length, dim];
    const list: [number[], Dtype][] = [
      [rows(heads, p.seqLenQ, p.headDim), p.dtype],
      [rows(p.kvHeads, p.seqLenKv, p.headDim), p.dtype],
      [rows(p.kvHeads, p.seqLenKv, dimV), p.dtype],
    ];
    const backward = p.op === 'attentionBackward';
    if (backward) list.push([rows(heads, p.seqLenQ, dimV), p.dtype]);
    const options: Record<string, unknown> = { causal: p.causal, softcap: p.softcap, layout: p.layout };
    if (p.window) Object.assign(options, { window: p.window, alignment: 'lower-right' });
    const add = (name: string, sizes: number[], dtype: Dtype): void => {
      options[name] = ref(list.length);
      list.push([sizes, dtype]);
    };
    if (p.mask) add('mask', [1, 1, p.seqLenQ, p.seqLenKv], p.mask);
    if (p.sinks) add('sinks', [heads], 'f32');
    if (p.alibi) {
      add('alibiSlopes', [heads], 'f32');
      options['alignment'] = 'lower-right';
    }
    if (p.lengths)
      options['lengths'] = Array.from({ length: p.batch }, (_, i) =>
        Math.floor(p.part * (p.seqLenKv - (i % 2))),
      );
    const inputs = [0, 1, 2, ...(backward ? [3] : [])].map(ref);
    // Gradients and error bounds of numbers without bounds say nothing.
    return operands(...list).map((given) => ({
      op: p.op,
      operands: given.map((one) => ({ ...one, distribution: 'normal' as const })),
      args: [...inputs, defined(options)],
    }));
  });

const caches = fc
  .record({
    kind: fc.constantFrom('linear', 'ring'),
    batch: smallSize,
    kvHeads: fc.integer({ min: 1, max: 2 }),
    headDim: fc.constantFrom(32, 64),
    seqLen: fc.integer({ min: 1, max: 5 }),
    capacity: fc.integer({ min: 5, max: 40 }),
    dtype: floating,
    quantised: flag,
  })
  .chain(({ kind, batch, kvHeads, headDim, seqLen, capacity, dtype, quantised }) => {
    const rows = (heads: number): [number[], Dtype] => [[batch, heads, seqLen, headDim], dtype];
    return operands(rows(2 * kvHeads), rows(kvHeads), rows(kvHeads)).map((given) => ({
      op: 'writeAndAttend',
      operands: given.map((one) => ({ ...one, distribution: 'normal' as const })),
      args: [
        ref(0),
        ref(1),
        ref(2),
        // Of halves a code often lies right between two, and is rounded either way.
        { kind, batch, capacity, kvHeads, headDim, dtype, quantised: quantised && dtype === 'f32' },
        { positions: Array.from({ length: batch }, () => 0) },
        { lengths: Array.from({ length: batch }, () => seqLen), causal: 'lower-right' },
      ],
    }));
  });

const norms = fc
  .record({
    op: fc.constantFrom(
      'layerNorm',
      'rmsNorm',
      'addLayerNorm',
      'addRmsNorm',
      'layerNormBackward',
      'rmsNormBackward',
    ),
    rows: size,
    length: longSize,
    dtype: floating,
    scale: flag,
    bias: flag,
    epsilon: maybe(fc.constantFrom(1e-6, 1e-3)),
  })
  .chain(({ op, rows, length, dtype, scale, bias, epsilon }) => {
    const backward = op.endsWith('Backward');
    const two = backward || op.startsWith('add');
    const list: [number[], Dtype][] = [[[Math.min(rows, 33), length], dtype]];
    if (two) list.push([[Math.min(rows, 33), length], dtype]);
    const options: Record<string, unknown> = { epsilon };
    if (scale) {
      options['scale'] = ref(list.length);
      list.push([[length], dtype]);
    }
    if (bias && !backward && /layer/i.test(op)) {
      options['bias'] = ref(list.length);
      list.push([[length], dtype]);
    }
    return call(op, operands(...list), [ref(0), ...(two ? [ref(1)] : []), defined(options)]);
  });

const groupNorms = fc
  .tuple(smallSize, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), size, floating)
  .chain(([batch, groups, each, positions, dtype]) =>
    call('groupNorm', operands([[batch, groups * each, positions], dtype]), [ref(0), { groups }]),
  );

const softmaxes = fc
  .tuple(fc.constantFrom('softmax', 'logSoftmax', 'softmaxBackward', 'logSoftmaxBackward'), shape, floating)
  .chain(([op, sizes, dtype]) =>
    maybe(axisOf(sizes)).chain((axis) => {
      const backward = op.endsWith('Backward');
      const given = backward ? operands([sizes, dtype], [sizes, dtype]) : operands([sizes, dtype]);
      return call(op, given, [ref(0), ...(backward ? [ref(1)] : []), defined({ axis })]);
    }),
  );

const scans = fc
  .tuple(fc.constantFrom('scan', 'cumsum'), shape, arithmetic, fc.constantFrom('sum', 'prod', 'max', 'min'))
  .chain(([op, sizes, dtype, operator]) =>
    fc
      .record({ axis: maybe(axisOf(sizes)), exclusive: maybe(flag), reverse: maybe(flag) })
      .chain((options) =>
        call(op, operands([sizes, dtype]), [
          ref(0),
          defined({ ...options, ...(op === 'scan' && { op: operator }) }),
        ]),
      ),
  );

const segments = fc
  .tuple(
    fc.constantFrom('segmentReduce', 'segmentScan'),
    fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 }),
    arithmetic,
    fc.constantFrom('sum', 'max', 'min'),
  )
  .chain(([op, counts, dtype, operator]) => {
    const offsets = offsetsOf(counts);
    return call(op, operands([[offsets.at(-1)!], dtype]), [ref(0), offsets, { op: operator }]);
  });

const sorts = fc
  .tuple(fc.constantFrom('sort', 'argsort', 'topK', 'sortBy'), shape, arithmetic)
  .chain(([op, sizes, dtype]) =>
    fc.tuple(axisOf(sizes), maybe(flag), fc.nat({ max: 40 })).chain(([axis, down, count]) => {
      const length = sizes.at(axis) ?? 1;
      const given = op === 'sortBy' ? operands([sizes, dtype], [sizes, dtype]) : operands([sizes, dtype]);
      if (op === 'topK')
        return call(op, given, [ref(0), Math.min(count, length), defined({ axis, largest: down })]);
      return call(op, given, [
        ref(0),
        ...(op === 'sortBy' ? [ref(1)] : []),
        defined({ axis, descending: down }),
      ]);
    }),
  );

const others = fc.oneof(
  fc
    .tuple(shape, arithmetic, fc.integer({ min: 1, max: 40 }))
    .chain(([sizes, dtype, bins]) =>
      call('histogram', operands([sizes, dtype]), [
        ref(0),
        dtype === 'f32' || dtype === 'f16' ? { bins, range: [-2, 2] } : { bins },
      ]),
    ),
  fc
    .tuple(shape, arithmetic, fc.constantFrom<Dtype>('u32', 'i32', 'f32'))
    .chain(([sizes, dtype, mask]) =>
      call('compact', operands([sizes, dtype], [sizes, mask]), [ref(0), ref(1)]),
    ),
  fc.tuple(shape, arithmetic).chain(([sizes, dtype]) => call('nonzero', operands([sizes, dtype]), [ref(0)])),
  fc.tuple(fc.integer({ min: 1, max: 8 }), longSize, floating).chain(([rows, vocabulary, dtype]) =>
    fc
      .record({
        temperature: maybe(fc.constantFrom(0, 0.7, 2)),
        topK: maybe(fc.integer({ min: 1, max: 50 })),
        minP: maybe(fc.constantFrom(0.05, 0.5)),
        seed,
      })
      .chain((options) => call('sample', operands([[rows, vocabulary], dtype]), [ref(0), defined(options)])),
  ),
  fc.tuple(shape, floating, maybe(activation)).chain(([sizes, dtype, act]) =>
    call(
      'gate',
      operands([sizes, dtype], [sizes, dtype]).map((given) =>
        given.map((one) => ({ ...one, distribution: 'normal' as const })),
      ),
      [ref(0), ref(1), defined({ activation: act })],
    ),
  ),
  fc
    .tuple(shape, anyDtype, fc.constantFrom('f32', 'f16', 'bf16', 'i32'))
    .chain(([sizes, from, to]) => call('cast', operands([sizes, from]), [ref(0), to])),
  fc.tuple(shape, anyDtype).chain(([sizes, dtype]) => call('viewed', operands([sizes, dtype]), [ref(0)])),
  fc
    .tuple(
      smallSize,
      smallSize,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(2, 6, 8, 32, 64),
      floating,
      flag,
    )
    .chain(([batch, heads, length, dim, dtype, interleaved]) =>
      call(
        'rotary',
        operands([[batch, heads, length, dim], dtype], [[32, dim / 2], 'f32'], [[32, dim / 2], 'f32']),
        [
          ref(0),
          { cos: ref(1), sin: ref(2), interleaved },
          { positions: Array.from({ length: batch }, (_, i) => i) },
        ],
      ),
    ),
);

const valid = fc.oneof(
  { weight: 4, arbitrary: products },
  { weight: 1, arbitrary: grouped },
  { weight: 2, arbitrary: quantized },
  { weight: 4, arbitrary: attentions },
  { weight: 1, arbitrary: caches },
  { weight: 4, arbitrary: reductions },
  { weight: 1, arbitrary: custom },
  { weight: 3, arbitrary: norms },
  { weight: 1, arbitrary: groupNorms },
  { weight: 3, arbitrary: softmaxes },
  { weight: 2, arbitrary: scans },
  { weight: 1, arbitrary: segments },
  { weight: 3, arbitrary: sorts },
  { weight: 4, arbitrary: others },
);

/** Values that no option expects. */
const junk = fc.constantFrom<unknown>(NaN, -1, 1.5, 1e9, Infinity, '', 'x', null, true, [], {}, [-1], {
  operand: 0,
});

/** A call with something wrong about it, or maybe not: one argument, one option, or an operand's shape or type is another. */
const disturbed = fc
  .tuple(valid, fc.nat({ max: 9 }), fc.nat({ max: 9 }), junk, anyDtype)
  .map(([given, which, where, value, dtype]): Call => {
    const operandList = [...given.operands];
    const args = [...given.args];
    const at = where % operandList.length;
    const chosen = operandList[at]!;
    switch (which % 6) {
      case 0:
        operandList[at] = { ...chosen, dtype };
        break;
      case 1:
        if (chosen.shape.length > 0) {
          const axis = where % chosen.shape.length;
          operandList[at] = { ...chosen, shape: chosen.shape.with(axis, chosen.shape[axis]! + 1) };
        }
        break;
      case 2:
        operandList[at] = { ...chosen, shape: chosen.shape.slice(1) };
        break;
      case 3:
        operandList[at] = { ...chosen, shape: [1, ...chosen.shape] };
        break;
      case 4:
        args[where % args.length] = value;
        break;
      default: {
        const options = args.at(-1);
        if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
          const names = [...Object.keys(options), 'unknown'];
          args[args.length - 1] = { ...options, [names[where % names.length]!]: value };
        }
      }
    }
    return { ...given, operands: operandList, args };
  });

/** Calls of the whole API: most are right, some are captured, some have something wrong about them. */
export const calls: fc.Arbitrary<Call> = fc.oneof(
  { weight: 7, arbitrary: valid },
  { weight: 1, arbitrary: valid.map((given) => ({ ...given, captured: true })) },
  { weight: 2, arbitrary: disturbed },
);
