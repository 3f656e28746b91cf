import { attentionFamily } from './attention.ts';
import { matmulFamily } from './matmul.ts';
import { reductionFamily } from './reduction.ts';
import type { Family, Workload } from './workload.ts';

const families: {
  readonly [Name in Workload['family']]: Family<Extract<Workload, { readonly family: Name }>>;
} = { matmul: matmulFamily, attention: attentionFamily, reduction: reductionFamily };

/** The family that a workload belongs to. */
export function familyOf(workload: Workload): Family<Workload> {
  return families[workload.family] as Family<Workload>;
}
