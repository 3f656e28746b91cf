import type { Accelerator, Instance } from '../catalog/index.ts';
import type { Percentiles } from './model/interval.ts';

/** Power of an accelerator at work, as a share of its limit. */
export interface PowerShare extends Percentiles {
  readonly source: string;
}

/**
 * Measured along a sweep from memory to arithmetic: 57% (A100), 69% (A40), 72% (L40), 83% (H200) and 100% (MI300X) where memory
 * binds. Where arithmetic binds, boards with matrix units run at their limit.
 */
export const MEMORY_POWER: PowerShare = {
  low: 0.57,
  median: 0.72,
  high: 1,
  source: 'github RRZE-HPC/gpu-benches@1038c5d0 gpu-roofline: five accelerators, memory-bound',
};
export const ARITHMETIC_POWER: PowerShare = {
  low: 0.8,
  median: 1,
  high: 1,
  source: 'the board power limit, as upper bound and median',
};
/** Serving is bound by one in turn and the other. */
export const SERVING_POWER: PowerShare = {
  low: 0.57,
  median: 0.86,
  high: 1,
  source: 'midway between memory-bound (github RRZE-HPC/gpu-benches@1038c5d0) and the board power limit',
};

/**
 * Power of host, fans and power supplies as a share of the accelerators' limit. No provider prints it. An 8 x B200 node that drew
 * 10.4 kW had at least 2.4 kW of it; the same kind of node is rated at 14.3 kW.
 */
export const HOST_POWER: PowerShare = {
  low: 0.15,
  median: 0.3,
  high: 0.79,
  source:
    'github mlcommons/inference_results_v5.1@965182b0: 10.4 kW for 8 x 1000 W (median); DGX B200 user guide: 14.3 kW (high)',
};

/** Power usage effectiveness: what a data center draws for each watt of its machines. */
export interface Pue {
  readonly value: number;
  readonly source: string;
}

const PUES: Readonly<Record<string, Pue>> = {
  aws: { value: 1.14, source: 'AWS, average of 2025, sustainability.aboutamazon.com' },
  azure: { value: 1.18, source: 'Microsoft, average of 2023-2024, datacenterdynamics.com' },
  gcp: { value: 1.1, source: 'Google, fleet average in its environmental report of 2025' },
  oci: { value: 1.15, source: 'Oracle, "as low as", a best case, datacenterdynamics.com' },
};

const OTHER_PUE: Pue = { value: 1.25, source: 'IDC US51911924: public cloud on average' };

export function pueOf(provider: string): Pue {
  return PUES[provider] ?? OTHER_PUE;
}

/**
 * Power that an instance at work draws from the grid: (accelerators x their power + host) x PUE.
 *
 * @returns `undefined` where the power limit or the number of accelerators is unknown
 */
export function instanceWatts(
  instance: Instance,
  { boardWatts }: Accelerator,
  load: PowerShare,
): Percentiles | undefined {
  if (boardWatts === undefined || instance.acceleratorCount === undefined) return undefined;
  const limit = boardWatts * instance.acceleratorCount;
  const pue = pueOf(instance.provider).value;
  const watts = (part: keyof Percentiles): number => limit * (load[part] + HOST_POWER[part]) * pue;
  return { low: watts('low'), median: watts('median'), high: watts('high') };
}
