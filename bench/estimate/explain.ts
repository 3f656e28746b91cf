import type { Accelerator, Instance } from '../catalog/index.ts';
import { HOST_POWER, pueOf } from './energy.ts';
import { attentionScores } from './model/attention.ts';
import type { AttentionShape } from './model/attention.ts';
import { CONSTANTS } from './model/constants.ts';
import { teraflopsAtBoost } from './model/hardware.ts';
import { VENDOR_PARAMETERS, VENDOR_SOURCE } from './model/vendor.ts';
import type { Prediction } from './model/predict.ts';
import type { Placement } from './place.ts';
import type { PlacedTime } from './transfer.ts';
import type { Explanation, ExplanationInput, Measurement, Operation, Profile } from './types.ts';
import { runsTilewise } from './units.ts';

const FORMULA =
  'arithmetic = boost time x (1 + (1 / clock share - 1) x busy / (busy + window)); ' +
  'time = (sqrt(arithmetic^2 + memory^2) + overhead) x ratio, and not below the peaks; rate = replicas x work / time; ' +
  'high = rate x exp(reach), low = rate / exp(reach) x loss';

const MATMUL_FORMULA = 'boost time = flops / (peak x issue x tiling x ceiling); ';

const ATTENTION_FORMULA =
  'boost time = scores x sqrt((4 x head dimension / (peak x issue x ceiling))^2 + (1 / (exponentials x processors x boost clock) + ' +
  'vector operations / (vector peak / 2))^2) / attention issue, with vector peak / 256 for processors x boost clock where one is unknown; ';

const MEASURED_FORMULA =
  'rate = replicas x work / measured time; low and high: the same with the high and low times';

/** What a prediction is explained by. */
export interface Explained {
  readonly operation: Operation;
  readonly accelerator: Accelerator;
  readonly instance: Instance;
  readonly profile: Profile;
  readonly placement: Placement;
  readonly time: PlacedTime;
}

/** How a row that the model predicts came about. */
export function explainPrediction(explained: Explained): Explanation {
  const { accelerator, instance, profile, placement, time } = explained;
  return {
    formula:
      (placement.prediction.tiling ? MATMUL_FORMULA : '') +
      (tiledAttention(explained) ? ATTENTION_FORMULA : '') +
      FORMULA,
    inputs: [
      ...workInputs(explained.operation),
      ...hardwareInputs(explained),
      ...attentionInputs(explained),
      ...timeInputs(explained),
      { name: 'ratio', value: time.ratio, unit: '1', source: time.source },
      {
        name: 'reach',
        value: time.reach,
        unit: 'ln',
        source: `1.2816 x spread x sqrt(1 + 1 / accelerators); ${time.source}`,
      },
      { name: 'loss', value: time.loss.factor, unit: '1', source: time.loss.source },
      ...instanceInputs(instance, accelerator),
    ],
    assumptions: [
      ...placement.assumptions,
      ...instanceAssumptions(instance),
      ...reachAssumptions(accelerator, profile),
    ],
  };
}

/** The shape of an attention whose tiles are counted. */
function tiledAttention({
  operation: { shape },
  placement: { hardware },
}: Explained): AttentionShape | undefined {
  return shape?.kind === 'attention' && hardware.unit.endsWith('Tensor') && hardware.flopsPerNs !== undefined
    ? shape
    : undefined;
}

function attentionInputs(explained: Explained): ExplanationInput[] {
  const shape = tiledAttention(explained);
  if (!shape) return [];
  const { hardware } = explained.placement;
  const { exponentialsPerClock: exponentials, softmaxOperations: operations } = CONSTANTS;
  const issue = hardware.asynchronousMatrix ? 1 : VENDOR_PARAMETERS.attentionIssue;
  return [
    {
      name: 'scores',
      value: attentionScores(shape, hardware.processors),
      unit: '1',
      source: 'counted in tiles of 128 x 128, half of the longest workgroup added on every processor',
    },
    { name: 'head dimension', value: shape.headDim, unit: '1', source: 'the workload' },
    { name: 'exponentials', value: exponentials.value, unit: exponentials.unit, source: exponentials.source },
    { name: 'vector operations', value: operations.value, unit: '1', source: operations.source },
    ...(hardware.vectorFlopsPerNs === undefined
      ? []
      : [
          {
            name: 'vector peak',
            value: hardware.vectorFlopsPerNs / 1e3,
            unit: 'TFLOP/s',
            source: explained.accelerator.source,
          },
        ]),
    { name: 'attention issue', value: issue, unit: 'share', source: VENDOR_SOURCE },
  ];
}

function hardwareInputs({ accelerator, placement }: Explained): ExplanationInput[] {
  const { hardware, prediction } = placement;
  const { source, peakTflops } = accelerator;
  const inputs: ExplanationInput[] = [];
  const add = (name: string, value: number | undefined, unit: string, from = source): void => {
    if (value !== undefined) inputs.push({ name, value, unit, source: from });
  };
  const stated = peakTflops[hardware.unit];
  const atBoost =
    stated === teraflopsAtBoost(accelerator, hardware.unit)
      ? ''
      : `the data sheet's ${stated} TFLOP/s are at a lower clock than boost, here they are at boost; `;
  const peak = hardware.flopsPerNs && hardware.flopsPerNs / 1e3;
  add(`peak, ${hardware.unit}`, peak, 'TFLOP/s', atBoost + source);
  add('bandwidth', hardware.bytesPerNs, 'GB/s');
  add('processors', hardware.processors, '1');
  add('boost clock', hardware.clockPerNs, 'GHz');
  add('power limit', hardware.boardWatts, 'W');
  add('issue', VENDOR_PARAMETERS.issue, 'share of peak', VENDOR_SOURCE);
  const synchronous = CONSTANTS.synchronousMatrixOnAsynchronous.source;
  add('ceiling', hardware.instructionCeiling, 'share of peak', synchronous);
  if (prediction.tiling) {
    const { tileM, tileN, waves, efficiency } = prediction.tiling;
    const what = `${tileM} x ${tileN} tiles, ${waves} waves`;
    add('tiling', efficiency, 'share of time', what);
  }
  return inputs;
}

function timeInputs({ operation, placement }: Explained): ExplanationInput[] {
  const { boostNs, clock, busyNs, memoryNs, streamShare, cacheHitShare, overheadNs } = placement.prediction;
  const { wattsAtBoost } = clock;
  const power =
    wattsAtBoost === undefined
      ? CONSTANTS.unknownClockShare.source
      : `(${100 - 100 * CONSTANTS.staticPowerShare.value}% of the power limit / ${wattsAtBoost.toFixed(0)} W at boost)^(1/3), at most 1; ` +
        `energy of an operation: ${VENDOR_SOURCE}`;
  const window = CONSTANTS.powerWindowNs;
  return [
    { name: 'boost time', value: boostNs, unit: 'ns', source: `from the peak; shares: ${VENDOR_SOURCE}` },
    { name: 'clock share', value: clock.sustained, unit: 'of boost', source: power },
    { name: 'busy', value: busyNs, unit: 'ns', source: CONSTANTS.benchmarkRuns.source },
    { name: 'window', value: window.value, unit: 'ns', source: window.source },
    { name: 'share of the bandwidth', value: streamShare, unit: '1', source: VENDOR_SOURCE },
    ...(cacheHitShare > 0
      ? [
          {
            name: 'from the cache',
            value: cacheHitShare,
            unit: 'share of the bytes',
            source: `at ${CONSTANTS.cacheBytesPerClock.value.toFixed(1)} bytes a clock and processor; ${CONSTANTS.cacheBytesPerClock.source}`,
          },
        ]
      : []),
    { name: 'memory', value: memoryNs, unit: 'ns', source: 'bytes / (bandwidth x share of the bandwidth)' },
    {
      name: 'overhead',
      value: overheadNs,
      unit: 'ns',
      source: startSource(placement.prediction, operation),
    },
  ];
}

/** Where the time comes from that dispatches take beside their work. */
function startSource({ overheadNs }: Prediction, { op, shape, dispatches = 1 }: Operation): string {
  const { dispatchNs, cachePassNs, cachePassesByLanes } = CONSTANTS;
  if ((shape?.kind ?? op) !== 'attention') return dispatchNs.source;
  if (shape?.kind !== 'attention' || shape.seqLenQ > 1) return VENDOR_SOURCE;
  const passes = (overheadNs - (dispatches - 1) * dispatchNs.value) / cachePassNs.value;
  return passes === 1 ? cachePassNs.source : `${cachePassNs.source}; ${cachePassesByLanes.source}`;
}

/** How a row that was measured came about. */
export function explainMeasurement(
  { operation, gpuTimeNs }: Measurement,
  instance: Instance,
  accelerator: Accelerator,
): Explanation {
  return {
    formula: MEASURED_FORMULA,
    inputs: [
      ...workInputs(operation),
      {
        name: 'measured time',
        value: gpuTimeNs.median,
        low: gpuTimeNs.low,
        high: gpuTimeNs.high,
        unit: 'ns',
        source: 'benchmark run, GPU clock',
      },
      ...instanceInputs(instance, accelerator),
    ],
    assumptions: [
      'Accelerators of one model are alike; the host does not matter.',
      ...instanceAssumptions(instance),
    ],
  };
}

/** Why a row has no figures. */
export function explainUnknown(operation: Operation, instance: Instance, missing: string): Explanation {
  return {
    formula: `none: ${missing}`,
    inputs: [...workInputs(operation), ...instanceInputs(instance)],
    assumptions: [],
  };
}

function workInputs(operation: Operation): ExplanationInput[] {
  const source = `${operation.name}, counted from its shape`;
  return [
    { name: 'flops', value: operation.flops, unit: 'FLOP', source },
    { name: 'bytes', value: operation.bytes, unit: 'byte', source },
    { name: 'dispatches', value: operation.dispatches ?? 1, unit: '1', source },
  ];
}

/**
 * Inputs that follow from the instance: price, count and power.
 *
 * @param counted what its accelerators are to the workload: each a replica of an operation, while a transformer may need several
 */
export function instanceInputs(
  instance: Instance,
  accelerator?: Accelerator,
  counted: 'replicas' | 'accelerators' = 'replicas',
): ExplanationInput[] {
  const { acceleratorCount } = instance;
  const share = acceleratorCount === undefined ? undefined : Math.min(acceleratorCount, 1);
  const numbers = [
    ['share of the accelerator', share, '1'],
    [counted, acceleratorCount === undefined ? undefined : Math.max(acceleratorCount, 1), '1'],
    ['on-demand price', instance.onDemandUsdPerHour, 'USD/h'],
    ['spot price', instance.spotUsdPerHour, 'USD/h'],
  ] as const;
  const pue = pueOf(instance.provider);
  return [
    ...numbers.flatMap(([name, value, unit]) =>
      value === undefined ? [] : [{ name, value, unit, source: instance.source }],
    ),
    ...(accelerator?.boardWatts === undefined
      ? []
      : [
          { name: 'board power', value: accelerator.boardWatts, unit: 'W', source: accelerator.source },
          {
            name: 'host power',
            value: HOST_POWER.median,
            low: HOST_POWER.low,
            high: HOST_POWER.high,
            unit: 'of board power',
            source: HOST_POWER.source,
          },
          { name: 'PUE', value: pue.value, unit: '1', source: pue.source },
        ]),
  ];
}

/** What is taken for granted of an instance. */
export function instanceAssumptions({ acceleratorCount = 1, note }: Instance): string[] {
  const assumptions: string[] = [];
  if (acceleratorCount > 1) {
    assumptions.push(`${acceleratorCount} independent replicas: no traffic between accelerators.`);
  }
  if (acceleratorCount < 1) {
    assumptions.push(`A share of ${acceleratorCount}: arithmetic and bandwidth are divided alike.`);
  }
  if (note !== undefined) assumptions.push(`Catalogue: ${note}.`);
  return assumptions;
}

function reachAssumptions(accelerator: Accelerator, profile: Profile): string[] {
  const { webgpu } = accelerator;
  if (webgpu === 'yes' || profile === 'vendor') return [];
  return !runsTilewise(accelerator, profile)
    ? ["WebGPU does not reach this accelerator: the row stands for its vendor's library, for comparison."]
    : ['Nobody has verified that WebGPU reaches this accelerator.'];
}
