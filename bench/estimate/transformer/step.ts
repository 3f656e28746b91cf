import type { Accelerator, ArithmeticUnit } from '../../catalog/index.ts';
import { allReduceNs, linkOf, linkShare } from '../model/allReduce.ts';
import { attentionBytes, attentionFlops } from '../model/attention.ts';
import type { AttentionShape } from '../model/attention.ts';
import { CONSTANTS } from '../model/constants.ts';
import { hardwareOf } from '../model/hardware.ts';
import type { Hardware } from '../model/hardware.ts';
import type { Parameters } from '../model/parameters.ts';
import { predict } from '../model/predict.ts';
import type { Prediction, Work } from '../model/predict.ts';
import { attentionProjections } from './model.ts';
import type { TransformerModel } from './model.ts';
import { WEIGHT_FORMATS } from './weights.ts';
import type { WeightFormat } from './weights.ts';

/** A transformer on some accelerators that share its weights. */
export interface Replica {
  readonly model: TransformerModel;
  readonly weights: WeightFormat;
  /** Of keys and values in the cache. */
  readonly kvBytes: 1 | 2;
  readonly accelerator: Accelerator;
  /** Accelerators that share each layer: tensor parallelism. */
  readonly ways: number;
  /** Of one accelerator, below 1 where the instance has only a part of it. */
  readonly share: number;
}

/** What one pass through the layers works on. */
export interface StepLoad {
  /** Sequences that get one more token each. */
  readonly decoding: number;
  /** Mean length of their caches. */
  readonly contextLength: number;
  /** Prompts worth of tokens that are read in the same pass. */
  readonly prompts: number;
  readonly promptLength: number;
}

/** One kind of operation in a pass. */
export interface StepPart {
  readonly name: string;
  /** Times in a pass. */
  readonly count: number;
  /** Of one of them. */
  readonly ns: number;
  /** How its time comes about. */
  readonly how: string;
}

/** Time of one pass, by what takes it. */
export interface StepTime {
  readonly totalNs: number;
  readonly parts: readonly StepPart[];
  readonly assumptions: readonly string[];
}

/** Elementwise kernels of a layer: two norms with the residual, rotary positions and cache write, activation. */
const ELEMENTWISE_DISPATCHES = 4;
/** Of a layer of experts: choosing and counting, copying to them, adding up. */
const ROUTING_DISPATCHES = 3;

/** Work without end: boards run at the clock that their power limit leaves. */
const SUSTAINED = 1e15;

/** The unit that multiplies weights of a format on an accelerator: 16 bits where it has no unit for the format. */
export function unitFor(format: WeightFormat, { peakTflops }: Accelerator): ArithmeticUnit | undefined {
  const wanted = WEIGHT_FORMATS[format].unit;
  if (peakTflops[wanted] !== undefined) return wanted;
  return (['fp16Tensor', 'bf16Tensor', 'fp32'] as const).find((unit) => peakTflops[unit] !== undefined);
}

/**
 * Time of one pass of a transformer, operation by operation, each at what the model gives for it.
 *
 * @returns `undefined` where the accelerator's rates are unknown
 */
export function stepTime(replica: Replica, load: StepLoad, parameters: Parameters): StepTime | undefined {
  const { model, accelerator, ways, share } = replica;
  const unit = unitFor(replica.weights, accelerator);
  if (unit === undefined || accelerator.memoryGigabytesPerSecond === undefined) return undefined;
  const hardware = hardwareOf(accelerator, unit, { share });
  // Scores are computed in 16 bits whatever the weights are.
  const attentionUnit = unitFor('f16', accelerator) ?? unit;
  const attentionHardware = hardwareOf(accelerator, attentionUnit, { share });

  const tokens = load.decoding + load.prompts * load.promptLength;
  const sampled = load.decoding + load.prompts;
  const { hidden, heads, kvHeads, headDim, feedForward, vocabulary, layers, experts, latent } = model;
  const weightBytes = WEIGHT_FORMATS[replica.weights].bytes;
  const parts: StepPart[] = [];
  const add = (name: string, count: number, ns: number, how: string): void => {
    if (ns > 0) parts.push({ name, count, ns, how });
  };
  const addWork = (name: string, count: number, work: Work, on: Hardware = hardware): void => {
    const prediction = predict({ ...work, busyNs: SUSTAINED }, on, parameters);
    add(name, count, prediction.totalNs, howOf(work, prediction, on));
  };
  /** All heads read the same compressed keys, which are their values too; the parts that unpack them are in the projections. */
  const addLatent = (
    name: string,
    count: number,
    shape: Pick<AttentionShape, 'batch' | 'seqLenQ' | 'seqLenKv' | 'causal'>,
  ): void => {
    if (!latent || shape.batch === 0 || count === 0) return;
    const stored = latent.kvRank + latent.ropeDim;
    const width = (stored + latent.kvRank) / 2;
    const full = { kind: 'attention', heads: ownHeads, kvHeads: 1, headDim: width, ...shape } as const;
    const bytes = replica.kvBytes * shape.batch * (shape.seqLenKv * stored + 2 * ownHeads * width);
    addWork(
      name,
      count,
      { op: 'attention', flops: attentionFlops(full), bytes, shape: full },
      attentionHardware,
    );
  };
  const product = (name: string, count: number, m: number, n: number, k: number, batch = 1): void => {
    const sizes = [m, n, k].map((size) => SIZE.format(size));
    if (m === 0) return;
    addWork(`${name}, ${sizes.join(' x ')}`, count, productWork(m, n, k, batch, weightBytes));
  };
  // Heads that do not divide are held by several.
  const ownHeads = Math.ceil(heads / ways);
  const ownKvHeads = Math.ceil(kvHeads / ways);
  const ownForward = feedForward / ways;
  const gates = model.gated ? 2 : 1;

  for (const { name, outputs, inputs } of attentionProjections(model, ownHeads, ownKvHeads)) {
    product(name, layers, tokens, outputs, inputs);
  }
  const { active = 1, sharedForward = 0, dense = { layers: 0, feedForward: 0 } } = experts ?? {};
  const routed = layers - dense.layers;
  const { hit, tokensEach } = expertLoad(model, tokens);
  const forward = (name: string, count: number, m: number, width: number, batch = 1): void => {
    if (count === 0 || width === 0) return;
    product(`${name}, in`, count, m, gates * width, hidden, batch);
    product(`${name}, out`, count, m, hidden, width, batch);
  };
  forward('feed-forward', routed, tokensEach, ownForward, hit);
  forward('shared expert', routed, tokens, sharedForward / ways);
  forward('dense feed-forward', dense.layers, tokens, dense.feedForward / ways);
  const attention = (name: string, count: number, shape: Omit<AttentionShape, 'kind'>): void => {
    if (shape.batch === 0 || count === 0) return;
    const full = { kind: 'attention', ...shape } as const;
    const bytes = attentionBytes(full, replica.kvBytes);
    const work = { op: 'attention', flops: attentionFlops(full), bytes, shape: full };
    addWork(name, count, work, attentionHardware);
  };
  const { decoding, contextLength, prompts, promptLength } = load;
  const { sliding = { layers: 0, window: Infinity } } = model;
  const own = { heads: ownHeads, kvHeads: ownKvHeads, headDim };
  const kinds = [
    { count: layers - sliding.layers, window: Infinity, suffix: '' },
    { count: sliding.layers, window: sliding.window, suffix: ` in a window of ${sliding.window}` },
  ];
  for (const { count, window, suffix } of kinds) {
    const tokenShape = {
      batch: decoding,
      seqLenQ: 1,
      seqLenKv: Math.min(contextLength, window),
      causal: false,
    };
    if (latent) addLatent(`attention of tokens${suffix}`, count, tokenShape);
    else attention(`attention of tokens${suffix}`, count, { ...own, ...tokenShape });
    // Of prompts longer than a window every query but the first ones sees all of it.
    const seen = window * (1 - window / (2 * promptLength));
    const promptShape =
      promptLength <= window ? { seqLenKv: promptLength, causal: true } : { seqLenKv: seen, causal: false };
    // Latent keys and values are unpacked for a prompt; the two have different widths.
    const promptDim = latent ? (headDim + latent.valueDim) / 2 : headDim;
    attention(`attention of prompts${suffix}`, count, {
      ...own,
      headDim: promptDim,
      batch: prompts,
      seqLenQ: promptLength,
      ...promptShape,
    });
  }
  // Norms read and write the stream twice each, with the residual; rotary positions and the activation their own inputs.
  const elementwise = (count: number, width: number): void => {
    const bytes = 2 * tokens * (8 * hidden + 2 * (ownHeads + ownKvHeads) * headDim + (gates + 1) * width);
    const work = { op: 'stream', flops: 0, bytes, dispatches: ELEMENTWISE_DISPATCHES };
    if (count > 0) addWork('norms, positions, activation', count, work);
  };
  elementwise(routed, active * ownForward + sharedForward / ways);
  elementwise(dense.layers, dense.feedForward / ways);
  if (experts) {
    // A token's row is copied to each of its experts, and their results are added up again.
    const bytes = 2 * tokens * 2 * (1 + active) * hidden;
    addWork('tokens to experts and back', routed, {
      op: 'stream',
      flops: 0,
      bytes,
      dispatches: ROUTING_DISPATCHES,
    });
  }
  const link = linkOf(accelerator.interconnect) ?? UNKNOWN_LINK;
  const message = 2 * tokens * hidden;
  add(
    'all-reduce',
    2 * layers,
    allReduceNs(message, ways, link, parameters),
    `${2 * (ways - 1)} x ${parameters.allReduceNs} ns + ${2 * (ways - 1)} / ${ways} x ${digits(message)} bytes / ` +
      `(${digits(link.bytesPerNs)} byte/ns x ${digits(linkShare(link, parameters))})`,
  );
  const { value: hostNs, source: hostSource } = CONSTANTS.hostNsPerSequence;
  add(
    'waiting for the host',
    1,
    hostNs * sampled,
    `${digits(sampled)} x ${digits(hostNs)} ns; ${hostSource}`,
  );
  product('vocabulary', 1, sampled, vocabulary / ways, hidden);
  return {
    totalNs: parts.reduce((total, { count, ns }) => total + count * ns, 0),
    parts,
    assumptions: [
      ...(WEIGHT_FORMATS[replica.weights].unit === unit
        ? []
        : [
            `${accelerator.name} has no unit for ${replica.weights} weights: they are multiplied as ${unit}.`,
          ]),
      ...(ways > 1 && linkOf(accelerator.interconnect) === undefined
        ? ['The bandwidth between accelerators is unknown: that of PCIe 4.0 x16 is taken.']
        : []),
    ],
  };
}

const UNKNOWN_LINK = linkOf('PCIe 4.0 x16')!;

// Made once: to make one takes far longer than to use it.
const SIZE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 6, useGrouping: false });

function digits(value: number): string {
  return DIGITS.format(value);
}

/** The three times of an operation, and what they came of. */
function howOf(work: Work, prediction: Prediction, { unit, flopsPerNs, bytesPerNs }: Hardware): string {
  const { arithmeticNs, memoryNs, overheadNs, streamShare, clock } = prediction;
  const of =
    work.flops === 0
      ? ''
      : `${digits(work.flops)} FLOP on ${unit} at ${digits((flopsPerNs ?? 0) / 1e3)} TFLOP/s, ` +
        `clock ${digits(clock.sustained)} of boost; `;
  return (
    `sqrt(${digits(arithmeticNs)}^2 + ${digits(memoryNs)}^2) + ${digits(overheadNs)} ns: ${of}` +
    `${digits(work.bytes)} bytes at ${digits(bytesPerNs ?? 0)} byte/ns x ${streamShare}`
  );
}

function productWork(m: number, n: number, k: number, batch: number, weightBytes: number): Work {
  return {
    op: 'matmul',
    flops: 2 * m * n * k * batch,
    bytes: batch * (2 * m * (k + n) + weightBytes * n * k),
    shape: { kind: 'matmul', m, n, k, batch },
  };
}

/** How many experts some tokens go to, chosen at random, and how many tokens each of them gets. */
function expertLoad(
  { experts }: TransformerModel,
  tokens: number,
): { readonly hit: number; readonly tokensEach: number } {
  if (!experts) return { hit: 1, tokensEach: tokens };
  const missed = (1 - experts.active / experts.count) ** tokens;
  const hit = experts.count * (1 - missed);
  return { hit, tokensEach: (tokens * experts.active) / hit };
}
