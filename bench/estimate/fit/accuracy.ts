import { mean } from 'simple-statistics';
import type { PublishedMeasurement } from '../../catalog/index.ts';
import { reachOf } from '../model/interval.ts';
import type { Spread } from '../model/interval.ts';
import type { Parameters } from '../model/parameters.ts';
import { allReduceTime, logError, readObservations } from './fit.ts';
import type { HeldOut } from './leaveOneOut.ts';
import { perAccelerator } from './perAccelerator.ts';
import { predictedTokensPerSecond, transformerObservation } from './transformers.ts';

/** A published figure and what the model gives for it with parameters fitted on the other accelerators. */
export interface Comparison {
  readonly group: string;
  readonly acceleratorId: string;
  readonly label: string;
  /** ln(predicted / measured rate). */
  readonly logError: number;
}

/** A line of the table of accuracy. */
export interface Accuracy {
  readonly group: string;
  /** Mean of |predicted - measured| / measured. */
  readonly meanError: number;
  readonly worstError: number;
  /** Of the points, how many lie between the 10th and the 90th percentile given for them. */
  readonly covered: number;
  readonly spread: Spread;
}

export const GROUPS = {
  matmul: 'matmul, 16 bits',
  lowPrecisionMatmul: 'matmul, fp8 (not fitted)',
  matmulStream: 'matmul of few rows',
  attention: 'attention, prefill',
  attentionStream: 'attention, decode',
  stream: 'streams',
  vectorArithmetic: 'vector arithmetic',
} as const;
export const TRANSFORMERS = 'transformers, TensorRT-LLM and vLLM (not fitted)';
export const LLAMA_CPP_DECODE = 'transformers, llama.cpp, decode (not fitted)';
export const LLAMA_CPP_PREFILL = 'transformers, llama.cpp, prefill (not fitted)';
export const ALL_REDUCE = 'all-reduce';

/**
 * Compares all that was published with what the model gives for it.
 *
 * @param fitted what to predict an accelerator with; those that it lacks are predicted with what all the published kernels give
 */
export function compare(
  published: readonly PublishedMeasurement[],
  fitted: readonly HeldOut[],
  all: Parameters,
): readonly Comparison[] {
  const observations = readObservations(published);
  const transformers = published.flatMap((row) => transformerObservation(row) ?? []);
  const compared: Comparison[] = [];
  const byAccelerator = new Map(fitted.map(({ acceleratorId, parameters }) => [acceleratorId, parameters]));
  const parametersFor = (acceleratorId: string): Parameters => byAccelerator.get(acceleratorId) ?? all;
  for (const observation of observations.kernels) {
    const { acceleratorId, errorClass, label } = observation;
    compared.push({
      group: GROUPS[errorClass],
      acceleratorId,
      label,
      logError: -logError(observation, parametersFor(acceleratorId)),
    });
  }
  for (const observation of observations.allReduces) {
    const { acceleratorId, label, measuredNs } = observation;
    compared.push({
      group: ALL_REDUCE,
      acceleratorId,
      label,
      logError: Math.log(measuredNs / allReduceTime(observation, parametersFor(acceleratorId))),
    });
  }
  for (const observation of transformers) {
    const { acceleratorId, label, engine, tokensPerSecond, workload } = observation;
    const predicted = predictedTokensPerSecond(observation, parametersFor(acceleratorId));
    // H100 NVL: its rates are in no data sheet that was read.
    if (predicted === undefined) continue;
    const llamaCpp = workload.phase === 'prefill' ? LLAMA_CPP_PREFILL : LLAMA_CPP_DECODE;
    compared.push({
      group: engine === 'vendor' ? TRANSFORMERS : llamaCpp,
      acceleratorId,
      label,
      logError: Math.log(predicted / tokensPerSecond),
    });
  }
  return compared;
}

/** One line for each group; a point's interval rests on the errors of the other accelerators. */
export function accuracyOf(compared: readonly Comparison[]): readonly Accuracy[] {
  const groups = [...new Set(compared.map(({ group }) => group))];
  return groups.map((group) => {
    const points = compared.filter((point) => point.group === group);
    const errors = points.map((point) => Math.abs(Math.exp(point.logError) - 1));
    const covered = points.filter((point) => {
      const others = points.filter((other) => other.acceleratorId !== point.acceleratorId);
      return Math.abs(point.logError) <= reachOf(spreadOf(others));
    });
    return {
      group,
      meanError: mean(errors),
      worstError: Math.max(...errors),
      covered: covered.length / points.length,
      spread: spreadOf(points),
    };
  });
}

/** Root mean square of the errors, every accelerator weighed by the root of its points, as in the fit. */
function spreadOf(points: readonly Comparison[]): Spread {
  let squares = 0;
  let weights = 0;
  const groups = perAccelerator(points, ({ acceleratorId }) => acceleratorId);
  for (const own of groups) {
    const weight = Math.sqrt(own.length);
    squares += weight * mean(own.map((point) => point.logError ** 2));
    weights += weight;
  }
  return { sigma: Math.sqrt(squares / weights), accelerators: groups.length, points: points.length };
}
