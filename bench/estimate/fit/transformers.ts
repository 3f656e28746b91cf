import { findAccelerator } from '../../catalog/index.ts';
import type { PublishedMeasurement } from '../../catalog/index.ts';
import type { Parameters } from '../model/parameters.ts';
import { MODELS } from '../transformer/model.ts';
import { bestOnInstance } from '../transformer/arrange.ts';
import { acceleratorsNeeded, memoryFit } from '../transformer/serve.ts';
import type { TransformerWorkload } from '../transformer/serve.ts';
import type { WeightFormat } from '../transformer/weights.ts';

/** A published throughput of a whole model, as the estimate would be asked for it. Nothing is fitted on these. */
export interface TransformerObservation {
  readonly acceleratorId: string;
  readonly count: number;
  readonly engine: 'vendor' | 'llama.cpp';
  readonly workload: TransformerWorkload;
  readonly tokensPerSecond: number;
  readonly label: string;
}

/**
 * Mean lengths of MLPerf's data sets, in tokens. Output lengths come from its submission checker. The input lengths were
 * recalled, not read: the announcements where they should stand could not be read in full. docs/estimating.md says how
 * much hangs on them.
 */
const MLPERF = {
  // Input to be confirmed in mlcommons.org, "Llama 2 70B: An MLPerf Inference Benchmark"; output: 294.45 tokens a sample
  'llama2-70b-99': { model: 'llama-2-70b', inputTokens: 294, outputTokens: 294, beams: 1 },
  // Input to be confirmed in mlcommons.org/2025/04/llm-inference-v5; output: 684.68 tokens a sample
  'llama3.1-405b': { model: 'llama-3.1-405b', inputTokens: 9428, outputTokens: 685, beams: 1 },
  // Input to be confirmed in mlcommons.org/2025/09/small-llm-inference-5-1; output: 8167644 characters of 13368 samples, 4.8 a token
  'llama3.1-8b': { model: 'llama-3.1-8b', inputTokens: 778, outputTokens: 128, beams: 1 },
  // The same articles as llama3.1-8b; output: 4016878 characters, 4.35 a token; four beams are asked for
  'gptj-99': { model: 'gpt-j-6b', inputTokens: 778, outputTokens: 69, beams: 4 },
} as const;

const NAMES: Readonly<Record<string, string>> = {
  'Mistral 7B': 'mistral-7b',
  'LLAMA 3 8B': 'llama-3.1-8b',
  'Llama 3 8B': 'llama-3.1-8b',
  'LLAMA 3 70B': 'llama-3.1-70b',
  'Llama 3 70B': 'llama-3.1-70b',
  'LLAMA 3 405B': 'llama-3.1-405b',
};

/** Reads a published row of a whole model; `undefined` where its lengths are not known (Mixtral in MLPerf). */
export function transformerObservation(row: PublishedMeasurement): TransformerObservation | undefined {
  if (row.kind !== 'llm') return undefined;
  const base = { acceleratorId: row.acceleratorId, count: row.acceleratorCount, tokensPerSecond: row.value };
  const label = [row.workload, row.dtype, row.size].filter(Boolean).join(', ');
  const [, mlperf] =
    /datacenter (\S+) Offline|closed (\S+) Offline/.exec(row.workload)?.filter(Boolean) ?? [];
  if (row.workload.startsWith('MLPerf')) {
    const known = MLPERF[mlperf as keyof typeof MLPERF];
    if (known === undefined) return undefined;
    const { inputTokens, outputTokens, beams } = known;
    // Round 4.1 prints no data type; these submissions use TensorRT-LLM with fp8, its cache in fp8 too.
    const workload = { name: label, model: modelOf(known.model), weights: 'fp8', kvBytes: 1 } as const;
    return {
      ...base,
      label,
      engine: 'vendor',
      workload: { ...workload, inputTokens, outputTokens, beams },
    };
  }
  const named = row.workload.split(' ')[0]!;
  const model = modelOf(NAMES[/(?:Mistral|llama) ?\d* \d+B/i.exec(row.workload)?.[0] ?? ''] ?? named);
  const batch = Number(/batch (\d+)/.exec(row.size ?? '')?.[1]);
  const [, input, output] = /in (\d+) \/ out (\d+)/.exec(row.workload) ?? [];
  if (input !== undefined) {
    const lengths = {
      inputTokens: Number(input),
      outputTokens: Number(output),
      ...(Number.isFinite(batch) && { batch }),
    };
    const workload = { name: label, model, weights: 'f16' as WeightFormat, ...lengths };
    // The precision is not stated for all: 8 bits where 16 do not fit.
    const memoryGb = findAccelerator(row.acceleratorId)?.memoryGb ?? 0;
    const needed = acceleratorsNeeded(workload, memoryGb) ?? Infinity;
    // No more requests are at once than there are.
    const requests = Number(/(\d+) requests/.exec(row.size ?? '')?.[1]);
    const small = row.dtype === 'fp8' || row.dtype === 'fp4' ? row.dtype : undefined;
    const weights = small ?? (needed > row.acceleratorCount ? 'fp8' : 'f16');
    // TensorRT-LLM's recipes for fp8 and fp4 keep the cache in fp8.
    const full = { ...workload, weights, kvBytes: small ? 1 : 2, ways: row.acceleratorCount } as const;
    const fitting = memoryFit(full, memoryGb, row.acceleratorCount).requests;
    return {
      ...base,
      label,
      engine: 'vendor',
      workload: requests < fitting ? { ...full, batch: requests } : full,
    };
  }
  const prompt = row.workload.includes('prompt eval');
  return {
    ...base,
    label,
    engine: 'llama.cpp',
    workload: {
      name: label,
      model,
      weights: row.dtype === 'F16' ? 'f16' : 'q4',
      batch,
      inputTokens: prompt ? 1024 : 1,
      outputTokens: prompt ? 0 : 1024,
      phase: prompt ? 'prefill' : 'decode',
    },
  };
}

function modelOf(name: string): TransformerWorkload['model'] {
  const model = MODELS.find((candidate) => candidate.name === name);
  if (!model) throw new Error(`published-throughput.csv names a model that is not known: "${name}"`);
  return model;
}

/** What the model gives for a published row; `undefined` where the accelerator's rates are unknown. */
export function predictedTokensPerSecond(
  { acceleratorId, count, workload }: TransformerObservation,
  parameters: Parameters,
): number | undefined {
  const accelerator = findAccelerator(acceleratorId);
  if (!accelerator) return undefined;
  const best = bestOnInstance(workload, accelerator, count, parameters);
  return 'missing' in best ? undefined : best.tokensPerSecond * best.replicas;
}
