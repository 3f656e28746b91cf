import { instances as catalogueInstances } from '../../catalog/index.ts';
import type { Accelerator, Instance } from '../../catalog/index.ts';
import { instanceWatts, SERVING_POWER } from '../energy.ts';
import { instanceAssumptions, instanceInputs } from '../explain.ts';
import { acceleratorOf } from '../instances.ts';
import { rateInterval, reachOf } from '../model/interval.ts';
import type { Percentiles, Spread } from '../model/interval.ts';
import { isFitted, spreadOn, VENDOR_PARAMETERS, VENDOR_SOURCE } from '../model/vendor.ts';
import { OTHER_VENDOR_NOTE } from '../place.ts';
import { priceNotices, reachNotices } from '../price.ts';
import { descending, instanceColumns } from '../rows.ts';
import type { Explanation, ExplanationInput, InstanceColumns, SortKey } from '../types.ts';
import { checkRequest, validateCommon } from '../validate.ts';
import { bestOnInstance } from './arrange.ts';
import type { BestOnInstance } from './arrange.ts';
import { activeParameterCount, kvBytes as cacheBytes, parameterCount } from './model.ts';
import { acceleratorsNeeded, MOST_REQUESTS, USABLE_MEMORY, USABLE_MEMORY_SOURCE } from './serve.ts';
import type { TransformerWorkload } from './serve.ts';
import { validateTransformer } from './validate.ts';

export interface TransformerRequest {
  readonly workloads: readonly TransformerWorkload[];
  /** The day that prices are judged from, `YYYY-MM-DD`. */
  readonly today: string;
  /** Only these providers; all of them unless given. */
  readonly providers?: readonly string[];
  /** What comes first: most tokens per dollar (`usd`, default), per second (`throughput`) or per joule (`energy`). */
  readonly sort?: SortKey;
  /** The price to prefer where an instance has both. */
  readonly pricing?: 'on-demand' | 'spot';
  /** Instances to estimate instead of the catalogue's. */
  readonly instances?: readonly Instance[];
  /** Accelerators that the catalogue lacks or knows less well; instances name them by their ids. */
  readonly accelerators?: readonly Accelerator[];
}

/** One transformer on one instance type, by its vendor's engine. Figures are for the whole instance; `null` is unknown. */
export interface TransformerRow extends InstanceColumns {
  readonly model: string;
  readonly weights: string;
  /** Whether one replica fits into the instance's memory; `null` where that is unknown. */
  readonly fits: boolean | null;
  /** The fewest accelerators of this kind that hold it, by powers of two. */
  readonly acceleratorsNeeded: number | null;
  readonly acceleratorsPerReplica: number | null;
  readonly replicas: number | null;
  /** Requests at once on one replica. */
  readonly batch: number | null;
  /** Median, with the 10th and 90th percentile in `low` and `high`. */
  readonly tokensPerSecond: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** From a prompt's arrival at an idle replica to its first token. */
  readonly firstTokenMs: number | null;
  /** Between two tokens of one request; `null` for prefill alone. */
  readonly betweenTokensMs: number | null;
  readonly tokensPerUsd: number | null;
  readonly usdPerMillionTokens: number | null;
  /** Drawn from the grid: accelerators, host and PUE. */
  readonly watts: number | null;
  readonly wattHoursPerMillionTokens: Percentiles | null;
  readonly basis: 'datasheet';
  readonly explanation: Explanation;
}

export interface TransformerResult {
  /** By workload in the order asked for; within one, sorted, unknown figures last. */
  readonly rows: readonly TransformerRow[];
  readonly notices: readonly string[];
}

/**
 * What each transformer yields on each instance type, served by the engines that vendors support.
 *
 * @throws RangeError on a workload, provider or date that makes no sense
 */
export function estimateTransformers(request: TransformerRequest): TransformerResult {
  checkRequest(request, 'workloads');
  validateCommon(request);
  const { workloads, providers, sort = 'usd', instances = catalogueInstances } = request;
  workloads.forEach(validateTransformer);
  const offered = instances.filter(
    (instance) => providers === undefined || providers.includes(instance.provider),
  );
  const rows = workloads.flatMap((workload) => {
    const arranged = arrangements(workload);
    return offered
      .map((instance) => transformerRow(workload, instance, request, arranged))
      .sort(
        (a, b) =>
          descending(merit(a, sort), merit(b, sort)) || descending(a.tokensPerSecond, b.tokensPerSecond),
      );
  });
  return {
    rows,
    notices: [
      'Transformers are estimated as the engines of the vendors run them (TensorRT-LLM, vLLM), from data sheets and ' +
        'published measurements; nothing here was measured with kernels of this project.',
      ...reachNotices(rows),
      ...priceNotices(rows),
    ],
  };
}

/** The best arrangement on an accelerator and a number of them: many instance types have the same. */
function arrangements(
  workload: TransformerWorkload,
): (accelerator: Accelerator, count: number) => BestOnInstance {
  const known = new Map<string, BestOnInstance>();
  return (accelerator, count) => {
    const key = `${accelerator.id} ${count}`;
    const best = known.get(key) ?? bestOnInstance(workload, accelerator, count, VENDOR_PARAMETERS);
    known.set(key, best);
    return best;
  };
}

function transformerRow(
  workload: TransformerWorkload,
  instance: Instance,
  request: TransformerRequest,
  arranged: ReturnType<typeof arrangements>,
): TransformerRow {
  const accelerator = acceleratorOf(instance, request.accelerators);
  const columns = instanceColumns(instance, accelerator, workload.name, request);
  const { usdPerHour } = columns;
  const count = instance.acceleratorCount;
  const best: BestOnInstance =
    count === undefined
      ? { missing: `how many accelerators ${instance.instanceType} has is unknown`, fits: undefined }
      : arranged(accelerator, count);
  const known = 'missing' in best ? undefined : best;
  const spread = spreadOn('transformer', accelerator.vendor, !isClockKnown(accelerator));
  const rate = known && rateInterval(known.tokensPerSecond * known.replicas, spread);
  const watts = known && instanceWatts(instance, accelerator, SERVING_POWER);
  const perHour = rate && rate.median * 3600;
  return {
    ...columns,
    model: workload.model.name,
    weights: workload.weights,
    fits: known ? true : (('missing' in best ? best.fits : undefined) ?? null),
    acceleratorsNeeded:
      accelerator.memoryGb === undefined
        ? null
        : (acceleratorsNeeded(workload, accelerator.memoryGb) ?? null),
    acceleratorsPerReplica: known?.ways ?? null,
    replicas: known?.replicas ?? null,
    batch: known?.batch ?? null,
    tokensPerSecond: rate?.median ?? null,
    low: rate?.low ?? null,
    high: rate?.high ?? null,
    firstTokenMs: known ? known.firstTokenNs / 1e6 : null,
    betweenTokensMs: known && workload.phase !== 'prefill' ? known.step.totalNs / 1e6 : null,
    tokensPerUsd: perHour === undefined || usdPerHour === null ? null : perHour / usdPerHour,
    usdPerMillionTokens: perHour === undefined || usdPerHour === null ? null : (1e6 * usdPerHour) / perHour,
    watts: watts?.median ?? null,
    wattHoursPerMillionTokens: rate && watts ? energyOf(rate, watts) : null,
    basis: 'datasheet',
    explanation: explain(workload, accelerator, instance, best, spread),
  };
}

/** Wh for a million tokens, least where much is made with little power. */
function energyOf(rate: Percentiles, watts: Percentiles): Percentiles {
  const energy = (power: number, tokensPerSecond: number): number => ((power / tokensPerSecond) * 1e6) / 3600;
  return {
    low: energy(watts.low, rate.high),
    median: energy(watts.median, rate.median),
    high: energy(watts.high, rate.low),
  };
}

/** Whether all is known that the clock under load follows from. */
function isClockKnown({ boardWatts, processorCount, boostMhz }: Accelerator): boolean {
  return boardWatts !== undefined && processorCount !== undefined && boostMhz !== undefined;
}

const FORMULAS = {
  serve:
    'rate = replicas x batch / pass; a pass makes a token for each request and reads batch / outputTokens prompts',
  prefill: 'rate = replicas x batch x inputTokens / pass',
  decode: 'rate = replicas x batch / pass',
} as const;

function explain(
  workload: TransformerWorkload,
  accelerator: Accelerator,
  instance: Instance,
  best: BestOnInstance,
  spread: Spread,
): Explanation {
  const { model, kvBytes = 2, inputTokens, outputTokens, phase = 'serve' } = workload;
  const input = (name: string, value: number, unit: string, source: string): ExplanationInput => ({
    name,
    value,
    unit,
    source,
  });
  const sizes = [
    input('weights', parameterCount(model), '1', `${model.source}: layers and embeddings, counted`),
    input(
      'weights of a token',
      activeParameterCount(model),
      '1',
      `${model.source}: those it is multiplied with`,
    ),
    input('cache', cacheBytes(model, kvBytes, 1), 'byte/token', `${model.source}: keys and values, counted`),
    input('inputTokens', inputTokens, '1', 'the workload'),
    input('outputTokens', outputTokens, '1', 'the workload'),
    input('usable memory', USABLE_MEMORY, 'share', USABLE_MEMORY_SOURCE),
  ];
  const priced = instanceInputs(instance, accelerator, 'accelerators');
  if ('missing' in best) {
    return { formula: `none: ${best.missing}`, inputs: [...sizes, ...priced], assumptions: [] };
  }
  const { step, batch, ways, replicas, fit } = best;
  const shares =
    '`--workload matmul:…`, `attention:…` and `stream:…` explain how arithmetic and memory come about; ' +
    VENDOR_SOURCE;
  return {
    formula:
      `${FORMULAS[phase]}; pass = the sum of count x time of its operations, each sqrt(arithmetic^2 + memory^2) + overhead; ` +
      'high = rate x exp(reach), low = rate / exp(reach); ms/token = pass; first token = a pass of one prompt alone; ' +
      'USD/M tokens = price / rate / 3600 x 10^6; Wh/M tokens = watts / rate / 3600 x 10^6; ' +
      'watts = accelerators x board power x (load + host power) x PUE',
    inputs: [
      ...sizes,
      input('weights and cache', (fit.weightBytes + batch * fit.kvBytesPerRequest) / 1e9, 'GB', 'counted'),
      input('usable', fit.usableBytes / 1e9, 'GB', accelerator.source),
      input(
        'batch',
        batch,
        '1',
        workload.batch === undefined ? `what memory holds, at most ${MOST_REQUESTS}` : 'the workload',
      ),
      input(
        'accelerators per replica',
        ways,
        '1',
        workload.ways === undefined ? 'yields most' : 'the workload',
      ),
      input('independent replicas', replicas, '1', 'accelerators / accelerators per replica'),
      ...step.parts.map(({ name, count, ns, how }) => input(`${count} x ${name}`, ns, 'ns', how)),
      input('pass', step.totalNs, 'ns', `the sum of count x time; ${shares}`),
      input('first token', best.firstTokenNs, 'ns', 'the sum for one prompt alone'),
      input(
        'reach',
        reachOf(spread),
        'ln',
        `1.2816 x spread x sqrt(1 + 1 / accelerators); spread: ${spread.points} published throughputs that nothing was fitted on`,
      ),
      {
        ...input('load', SERVING_POWER.median, 'of board power', SERVING_POWER.source),
        low: SERVING_POWER.low,
        high: SERVING_POWER.high,
      },
      ...priced,
    ],
    assumptions: [
      ...step.assumptions,
      ...(isFitted(accelerator.vendor) ? [] : [OTHER_VENDOR_NOTE]),
      ...instanceAssumptions(instance).filter((text) => !text.includes('independent replicas')),
      'Requests are of one length and never lacking.',
    ],
  };
}

function merit(row: TransformerRow, sort: SortKey): number | null {
  if (sort === 'throughput') return row.tokensPerSecond;
  if (sort === 'usd') return row.tokensPerUsd;
  const energy = row.wattHoursPerMillionTokens;
  return energy === null ? null : -energy.median;
}
