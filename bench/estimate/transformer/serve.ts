import type { Parameters } from '../model/parameters.ts';
import { kvBytes as cacheBytes, parameterCount } from './model.ts';
import type { TransformerModel } from './model.ts';
import { stepTime } from './step.ts';
import type { Replica, StepTime } from './step.ts';
import { WEIGHT_FORMATS } from './weights.ts';
import type { WeightFormat } from './weights.ts';

/** A transformer at work: requests of one length, as many at once as are asked for or as memory holds. */
export interface TransformerWorkload {
  /** Names the work in tables. */
  readonly name: string;
  readonly model: TransformerModel;
  readonly weights: WeightFormat;
  /** Of keys and values in the cache; 2 unless given. */
  readonly kvBytes?: 1 | 2;
  readonly inputTokens: number;
  /** 0 for prefill alone. */
  readonly outputTokens: number;
  /** Requests at once on one replica; as many as memory holds unless given, at most 2048. */
  readonly batch?: number;
  /** Accelerators that share a replica; whatever yields most unless given. */
  readonly ways?: number;
  /** Beams of each request, of which one counts; 1 unless given. */
  readonly beams?: number;
  /**
   * `serve` (default): prompts are read while other requests are decoded, steadily. `prefill`: prompts alone, whose tokens count.
   * `decode`: answers alone, their prompts read already.
   */
  readonly phase?: 'serve' | 'prefill' | 'decode';
}

/** Part of the memory that weights and cache may fill; the rest is activations, graphs and the driver's. */
export const USABLE_MEMORY = 0.9;
export const USABLE_MEMORY_SOURCE = 'vLLM, gpu_memory_utilization: 0.9 by default';

/**
 * Requests at once that an engine allows, where memory holds more: the default of TensorRT-LLM (github NVIDIA/TensorRT-LLM@16d2467e
 * docs/source/performance/tuning-max-batch-size-and-max-num-tokens.md).
 */
export const MOST_REQUESTS = 2048;

/** How a transformer sits in memory. */
export interface MemoryFit {
  readonly weightBytes: number;
  readonly kvBytesPerRequest: number;
  /** Of all accelerators of the replica. */
  readonly usableBytes: number;
  /** Requests that fit beside the weights; 0 when not even the weights do. */
  readonly requests: number;
}

export function memoryFit(workload: TransformerWorkload, memoryGb: number, ways: number): MemoryFit {
  const { model, weights, kvBytes = 2, inputTokens, outputTokens, beams = 1 } = workload;
  const weightBytes = parameterCount(model) * WEIGHT_FORMATS[weights].bytes;
  // A request is let in when all of its answer fits too (TensorRT-LLM's default, GUARANTEED_NO_EVICT); beams share their prompt.
  const kvBytesPerRequest = cacheBytes(model, kvBytes, inputTokens + beams * outputTokens + 1);
  const usableBytes = memoryGb * 1e9 * USABLE_MEMORY * ways;
  const requests = Math.max(0, Math.floor((usableBytes - weightBytes) / kvBytesPerRequest));
  return { weightBytes, kvBytesPerRequest, usableBytes, requests };
}

/** How many accelerators a model needs at least, by powers of two; `undefined` where even 1024 do not do. */
export function acceleratorsNeeded(workload: TransformerWorkload, memoryGb: number): number | undefined {
  for (let ways = 1; ways <= 1024; ways *= 2) {
    if (memoryFit(workload, memoryGb, ways).requests >= (workload.batch ?? 1)) return ways;
  }
  return undefined;
}

/** What one replica yields. */
export interface ReplicaThroughput {
  readonly ways: number;
  readonly batch: number;
  readonly tokensPerSecond: number;
  /** One pass; with `serve` and `decode` the time between two tokens of a request. */
  readonly step: StepTime;
  /** From a prompt's arrival at an idle replica to its first token. */
  readonly firstTokenNs: number;
  readonly fit: MemoryFit;
}

/**
 * Throughput of one replica in the steady state: every pass makes one token for each request, and as many prompts are read in it
 * as requests end, that is batch / outputTokens.
 *
 * @returns why there is none, where it does not fit or a figure is unknown
 */
export function replicaThroughput(
  workload: TransformerWorkload,
  replica: Omit<Replica, 'model' | 'weights' | 'kvBytes'>,
  parameters: Parameters,
): ReplicaThroughput | { readonly missing: string; readonly fits: boolean | undefined } {
  const { model, weights, kvBytes = 2, inputTokens, outputTokens, beams = 1, phase = 'serve' } = workload;
  const { accelerator, ways, share } = replica;
  if (accelerator.memoryGb === undefined) {
    return { missing: `the memory of ${accelerator.name} is unknown`, fits: undefined };
  }
  const fit = memoryFit(workload, accelerator.memoryGb * share, ways);
  const batch = workload.batch ?? Math.min(fit.requests, MOST_REQUESTS);
  if (fit.requests < Math.max(batch, 1)) {
    const needed = acceleratorsNeeded(workload, accelerator.memoryGb);
    const gigabytes = (fit.weightBytes + Math.max(batch, 1) * fit.kvBytesPerRequest) / 1e9;
    return {
      missing:
        `${gigabytes.toFixed(0)} GB of weights and cache do not fit into ${(fit.usableBytes / 1e9).toFixed(0)} GB` +
        (needed === undefined ? '' : `; ${needed} x ${accelerator.name} would hold them`),
      fits: false,
    };
  }
  const whole: Replica = { model, weights, kvBytes, accelerator, ways, share };
  const prompt = { decoding: 0, contextLength: 0, prompts: 1, promptLength: inputTokens };
  const first = stepTime(whole, prompt, parameters);
  const load = {
    serve: {
      decoding: batch * beams,
      contextLength: inputTokens + outputTokens / 2,
      prompts: batch / outputTokens,
      promptLength: inputTokens,
    },
    prefill: { ...prompt, prompts: batch },
    decode: {
      decoding: batch * beams,
      contextLength: inputTokens + outputTokens / 2,
      prompts: 0,
      promptLength: 0,
    },
  }[phase];
  const step = stepTime(whole, load, parameters);
  if (!step || !first) return { missing: `the rates of ${accelerator.name} are unknown`, fits: true };
  const tokens = phase === 'prefill' ? batch * inputTokens : batch;
  return {
    ways,
    batch,
    tokensPerSecond: (tokens / step.totalNs) * 1e9,
    step,
    firstTokenNs: first.totalNs,
    fit,
  };
}
