import { mean } from 'simple-statistics';
import { findAccelerator } from '../../catalog/index.ts';
import type { PublishedMeasurement } from '../../catalog/index.ts';
import { allReduceNs, linkOf } from '../model/allReduce.ts';
import type { Link } from '../model/allReduce.ts';
import { FORM } from '../model/parameters.ts';
import type { Form, Parameters } from '../model/parameters.ts';
import { predict } from '../model/predict.ts';
import { minimise } from './minimise.ts';
import { observationOf } from './observations.ts';
import type { Observation } from './observations.ts';
import { perAccelerator } from './perAccelerator.ts';

/** Where a search starts: about what text books say. */
type Fitted = Omit<Parameters, 'form'>;

const START: Fitted = {
  issue: 0.85,
  energyPj: 1,
  attentionIssue: 0.8,
  attentionNs: 6000,
  stream: 0.9,
  matmulStream: 0.85,
  attentionStream: 0.75,
  vectorIssue: 0.65,
  allReduceNs: 1500,
  allReduceShare: 0.8,
};

/** An all-reduce that was measured. */
export interface AllReduceObservation {
  readonly acceleratorId: string;
  readonly count: number;
  readonly bytes: number;
  readonly link: Link;
  readonly measuredNs: number;
  readonly label: string;
}

/** The published measurements, read once. */
export interface Observations {
  readonly kernels: readonly Observation[];
  readonly allReduces: readonly AllReduceObservation[];
}

export function readObservations(rows: readonly PublishedMeasurement[]): Observations {
  return {
    kernels: rows.flatMap((row) => observationOf(row) ?? []),
    allReduces: rows.flatMap((row) => allReduceOf(row) ?? []),
  };
}

/** The same without one accelerator. */
export function without({ kernels, allReduces }: Observations, acceleratorId: string): Observations {
  return {
    kernels: kernels.filter((point) => point.acceleratorId !== acceleratorId),
    allReduces: allReduces.filter((point) => point.acceleratorId !== acceleratorId),
  };
}

/**
 * Fits the parameters, class after class: streams, then products that stream, then products, then attention, each with what the
 * ones before gave. Every accelerator counts alike, however often it was measured; the loss is quadratic for small errors
 * of the logarithm and linear beyond 5%, so that one odd measurement does not pull the rest.
 *
 * A class without any measurement keeps its starting values.
 */
export function fitParameters({ kernels, allReduces }: Observations, form: Form = FORM): Parameters {
  let fitted: Parameters = { form, ...START };
  const fit = (classes: readonly Observation['errorClass'][], names: readonly (keyof Fitted)[]): void => {
    const points = kernels.filter(({ errorClass }) => classes.includes(errorClass));
    if (points.length === 0) return;
    const withValues = (values: readonly number[]): Parameters => ({
      ...fitted,
      ...Object.fromEntries(names.map((name, index) => [name, values[index]!])),
    });
    const loss = (values: readonly number[]): number => {
      const parameters = withValues(values);
      return balancedLoss(points, (point) => logError(point, parameters));
    };
    fitted = withValues(
      minimise(
        loss,
        names.map((name) => START[name]),
      ),
    );
  };
  fit(['stream'], ['stream']);
  fit(['vectorArithmetic'], ['vectorIssue']);
  fit(['matmulStream'], ['matmulStream']);
  fit(['matmul'], ['issue', 'energyPj']);
  fit(['attention', 'attentionStream'], ['attentionIssue', 'attentionNs', 'attentionStream']);
  return { ...fitted, ...fitAllReduce(allReduces) };
}

function fitAllReduce(
  points: readonly AllReduceObservation[],
): Pick<Parameters, 'allReduceNs' | 'allReduceShare'> {
  if (points.length === 0) return START;
  const [latencyNs, share] = minimise(
    ([latencyNs, share]) => {
      const parameters = { allReduceNs: latencyNs!, allReduceShare: share! };
      return balancedLoss(points, (point) => Math.log(allReduceTime(point, parameters) / point.measuredNs));
    },
    [START.allReduceNs, START.allReduceShare],
  );
  return { allReduceNs: latencyNs!, allReduceShare: share! };
}

export function allReduceTime(
  { bytes, count, link }: AllReduceObservation,
  parameters: Pick<Parameters, 'allReduceNs' | 'allReduceShare'>,
): number {
  return allReduceNs(bytes, count, link, parameters);
}

/** Logarithm of predicted by measured time: positive where the model is too slow. */
export function logError({ work, hardware, measuredNs }: Observation, parameters: Parameters): number {
  return Math.log(predict(work, hardware, parameters).totalNs / measuredNs);
}

const SMALL = 0.05;

function balancedLoss<Point extends { readonly acceleratorId: string }>(
  points: readonly Point[],
  error: (point: Point) => number,
): number {
  const groups = perAccelerator(points, ({ acceleratorId }) => acceleratorId);
  let total = 0;
  let weights = 0;
  for (const own of groups) {
    const weight = Math.sqrt(own.length);
    total += weight * mean(own.map((point) => Math.hypot(1, error(point) / SMALL) - 1));
    weights += weight;
  }
  return total / weights;
}

function allReduceOf(row: PublishedMeasurement): AllReduceObservation | undefined {
  const [, amount, unit] = /^(\d+)(KB|MB|GB) message$/.exec(row.size ?? '') ?? [];
  const link = linkOf(findAccelerator(row.acceleratorId)?.interconnect);
  if (row.kind !== 'allreduce' || amount === undefined || link === undefined) return undefined;
  const bytes = Number(amount) * { KB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'KB' | 'MB' | 'GB'];
  const { acceleratorCount: count, acceleratorId } = row;
  // Bus bandwidth, by nccl-tests: message / time x 2 (count - 1) / count.
  const measuredNs = (bytes * 2 * (count - 1)) / count / row.value;
  return { acceleratorId, count, bytes, link, measuredNs, label: row.size ?? '' };
}
