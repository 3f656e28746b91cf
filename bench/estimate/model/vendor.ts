import type { Spread } from './interval.ts';
import { FORM } from './parameters.ts';
import type { ErrorClass, Parameters } from './parameters.ts';

/**
 * What vendors' libraries reach: fitted on the kernels of `published-throughput.csv`, to three digits. A test fits again and
 * holds the outcome against these.
 */
export const VENDOR_PARAMETERS: Parameters = {
  form: FORM,
  issue: 0.8,
  energyPj: 0.882,
  attentionIssue: 0.766,
  attentionNs: 15_100,
  stream: 0.897,
  matmulStream: 0.773,
  attentionStream: 0.725,
  vectorIssue: 0.595,
  allReduceNs: 2_920,
  allReduceShare: 0.801,
};

export const VENDOR_SOURCE =
  "fitted on published measurements of vendors' libraries: github Azure/AI-benchmarking-guide@8fd0c6e1, " +
  'ai-dynamo/aiconfigurator@095f58a5, RRZE-HPC/gpu-benches@1038c5d0, and others (published-throughput.csv)';

/** How far off those are on an accelerator that was held out of the fit; the same test finds these again. */
export const VENDOR_SPREADS: Readonly<Record<ErrorClass, Spread>> = {
  matmul: { sigma: 0.124, accelerators: 4, points: 23 },
  lowPrecisionMatmul: { sigma: 0.249, accelerators: 2, points: 13 },
  attention: { sigma: 0.165, accelerators: 4, points: 12 },
  vectorArithmetic: { sigma: 0.0951, accelerators: 3, points: 3 },
  matmulStream: { sigma: 0.077, accelerators: 3, points: 15 },
  attentionStream: { sigma: 0.159, accelerators: 3, points: 9 },
  stream: { sigma: 0.0821, accelerators: 8, points: 29 },
  transformer: { sigma: 0.276, accelerators: 4, points: 42 },
};

/** Added in quadrature where power limit, clock or processors are unknown: the typical clock share is off by about this. */
const UNKNOWN_CLOCK_SIGMA = 0.15;

/**
 * Added in quadrature for the accelerators of a vendor of which nothing was fitted: half of what one such library gained from one
 * release to a later one, ln(668 / 450) (github stas00/ml-engineering@744d01e1, bf16 products on MI300X).
 */
const OTHER_VENDOR_SIGMA = 0.2;

/** Whether the parameters were fitted on libraries of a vendor. */
export function isFitted(vendor: string): boolean {
  return vendor === 'NVIDIA';
}

/**
 * How far off an estimate is on an accelerator.
 *
 * @param typicalClock whether a typical clock stands in for one that is unknown
 */
export function spreadOn(errorClass: ErrorClass, vendor: string, typicalClock: boolean): Spread {
  const spread = VENDOR_SPREADS[errorClass];
  const sigma = Math.hypot(
    spread.sigma,
    typicalClock ? UNKNOWN_CLOCK_SIGMA : 0,
    isFitted(vendor) ? 0 : OTHER_VENDOR_SIGMA,
  );
  return { ...spread, sigma };
}
