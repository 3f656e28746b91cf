import {
  attentionOperation,
  BASIS_WORDS,
  estimate,
  estimateTransformers,
  findAccelerator,
  instances,
  matmulOperation,
  MODELS,
  streamOperation,
  type EstimateRow,
  type Explanation,
  type Operation,
  type TransformerRow,
} from 'tilewise/estimate';
import type { Choice } from './choice.ts';
import {
  CLOUD_WORKLOADS,
  REQUESTS,
  STREAM_BYTES,
  UNITS,
  type CloudWorkload,
  type OperationWorkload,
} from './cloudWorkloads.ts';

/** An instance type at a workload, whatever the workload is. */
export interface Offer {
  readonly provider: string;
  readonly instanceType: string;
  readonly accelerator: string;
  readonly count: number | null;
  readonly webgpu: EstimateRow['webgpu'];
  readonly usdPerHour: number;
  readonly priceDate: string | null;
  readonly stale: boolean;
  /** Median, 10th and 90th percentile. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly ratePerUsd: number;
  readonly watts: number | null;
  readonly perJoule: number | null;
  readonly basis: string;
  readonly explanation: Explanation;
  /** No other yields more for less. */
  readonly pareto: boolean;
}

export interface Exploration {
  readonly workload: CloudWorkload;
  /** Those with a known price and rate, sorted as asked for. */
  readonly offers: readonly Offer[];
  readonly notices: readonly string[];
  readonly providers: readonly string[];
}

/** What instance types yield at the workload chosen. */
export function explore(choice: Choice, today: string): Exploration {
  const workload = CLOUD_WORKLOADS.find(({ id }) => id === choice.workload)!;
  const offered = instances.filter(
    ({ provider, acceleratorId }) =>
      (choice.provider === '' || choice.provider === provider) &&
      (choice.beyond || findAccelerator(acceleratorId)?.webgpu !== 'no'),
  );
  const request = { today, pricing: choice.pricing, sort: choice.sort, instances: offered };
  const { rows, notices } =
    workload.kind === 'model'
      ? estimateTransformers({
          ...request,
          workloads: [
            {
              name: workload.title,
              model: MODELS.find(({ name }) => name === workload.model)!,
              weights: 'fp8',
              kvBytes: 1,
              ...REQUESTS,
            },
          ],
        })
      : estimate({ ...request, workloads: [operationOf(workload)] });
  const offers = rows
    .filter(({ pricing }) => pricing === choice.pricing)
    .flatMap((row) => offerOf(row, workload) ?? []);
  return {
    workload,
    offers: withPareto(offers),
    notices,
    providers: [...new Set(instances.map(({ provider }) => provider))].sort(),
  };
}

function operationOf({ local }: OperationWorkload): Operation {
  if (local.family === 'matmul') return matmulOperation(local, local.dtype);
  if (local.family === 'attention') return attentionOperation({ batch: 1, ...local }, local.dtype);
  return streamOperation(STREAM_BYTES);
}

function offerOf(row: EstimateRow | TransformerRow, workload: CloudWorkload): Offer | undefined {
  const rate =
    'tokensPerSecond' in row ? row.tokensPerSecond : row[workload.rate as 'tflops' | 'gigabytesPerSecond'];
  if (rate === null || row.usdPerHour === null) return undefined;
  const [relativeLow, relativeHigh] =
    'tokensPerSecond' in row ? [row.low! / rate, row.high! / rate] : [row.relativeLow!, row.relativeHigh!];
  return {
    provider: row.provider,
    instanceType: row.instanceType,
    accelerator: row.acceleratorName,
    count: row.count,
    webgpu: row.webgpu,
    usdPerHour: row.usdPerHour,
    priceDate: row.priceDate,
    stale: row.priceAge === 'stale',
    rate,
    low: rate * relativeLow,
    high: rate * relativeHigh,
    ratePerUsd: rate / row.usdPerHour,
    watts: row.watts,
    perJoule: row.watts === null ? null : (UNITS[workload.rate].perJouleScale * rate) / row.watts,
    basis: BASIS_WORDS[row.basis],
    explanation: row.explanation,
    pareto: false,
  };
}

/** Marks the offers that no cheaper or equally dear one outdoes. */
function withPareto(offers: readonly Offer[]): Offer[] {
  const front = new Set<Offer>();
  let best = 0;
  for (const offer of offers.toSorted((a, b) => a.usdPerHour - b.usdPerHour || b.rate - a.rate)) {
    if (offer.rate <= best) continue;
    best = offer.rate;
    front.add(offer);
  }
  return offers.map((offer) => ({ ...offer, pareto: front.has(offer) }));
}
