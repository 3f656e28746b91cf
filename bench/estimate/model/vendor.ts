import type { Spread } from './interval.ts';
import type { ErrorClass, Parameters } from './parameters.ts';

/**
 * What vendors' libraries reach: fitted on the kernels of `published-throughput.csv`, to three digits. A test fits again and
 * holds the outcome against these.
 */
export const VENDOR_PARAMETERS: Parameters = {
  issue: 0.808,
  energyPj: 0.887,
  attentionIssue: 0.761,
  attentionNs: 13_200,
  stream: 0.897,
  matmulStream: 0.81,
  attentionStream: 0.771,
  vectorIssue: 0.595,
  allReduceNs: 40_900,
  allReduceShare: 0.802,
};

export const VENDOR_SOURCE =
  "fitted on published measurements of vendors' libraries: github Azure/AI-benchmarking-guide@8fd0c6e1, " +
  'ai-dynamo/aiconfigurator@095f58a5, RRZE-HPC/gpu-benches@1038c5d0, and others (published-throughput.csv)';

/** How far off those are on an accelerator that was held out of the fit; the same test finds these again. */
export const VENDOR_SPREADS: Readonly<Record<ErrorClass, Spread>> = {
  matmul: { sigma: 0.142, accelerators: 4, points: 23 },
  lowPrecisionMatmul: { sigma: 0.24, accelerators: 2, points: 13 },
  attention: { sigma: 0.152, accelerators: 4, points: 12 },
  vectorArithmetic: { sigma: 0.0951, accelerators: 3, points: 3 },
  matmulStream: { sigma: 0.117, accelerators: 3, points: 15 },
  attentionStream: { sigma: 0.216, accelerators: 3, points: 9 },
  stream: { sigma: 0.0821, accelerators: 8, points: 29 },
  transformer: { sigma: 0.25, accelerators: 4, points: 42 },
};

/** Added in quadrature where power limit, clock or processors are unknown: the typical clock share is off by about this. */
export const UNKNOWN_CLOCK_SIGMA = 0.15;
