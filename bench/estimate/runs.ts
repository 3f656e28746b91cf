import { findAccelerator, findInstances, isSoftwareAdapter, matchAccelerator } from '../catalog/index.ts';
import type { Accelerator } from '../catalog/index.ts';
import type { MeasuredRun, Measurement } from './types.ts';

/** A run whose times say something of an accelerator in the catalogue. */
export interface UsableRun {
  readonly accelerator: Accelerator;
  /** The share of the accelerator that the run had, in (0, 1]. */
  readonly share: number;
  readonly measurements: readonly Measurement[];
}

/**
 * Sorts out runs that estimates may rest on. Times of a processor are never scaled, and neither are those of an adapter
 * that matches nothing in the catalogue; a sentence says so for each.
 */
export function usableRuns(runs: readonly MeasuredRun[]): {
  readonly usable: readonly UsableRun[];
  readonly notices: readonly string[];
} {
  const usable: UsableRun[] = [];
  const notices: string[] = [];
  for (const run of runs) {
    const { adapter } = run;
    const name = adapter.device || adapter.description || 'without a name';
    if (adapter.software === true || isSoftwareAdapter(adapter)) {
      notices.push(
        `The measurements come from a software adapter (${name}): its times say nothing of a GPU and are not scaled.`,
      );
      continue;
    }
    const rented = rentedAccelerator(run);
    const matched = matchAccelerator(adapter);
    const accelerator = matched ?? rented?.accelerator;
    if (!accelerator) {
      notices.push(`The adapter ${name} matches no accelerator of the catalogue: its times are not scaled.`);
      continue;
    }
    if (!matched)
      notices.push(`The adapter ${name} was taken for the ${accelerator.name} of ${run.instanceType}.`);
    const share = rented?.accelerator === accelerator ? rented.share : 1;
    usable.push({ accelerator, share, measurements: run.measurements });
  }
  if (usable.length === 0) {
    if (runs.length === 0) notices.push('Nothing was measured.');
    notices.push('Every row is datasheet only.');
  }
  return { usable, notices };
}

/** The accelerator of the instance that a run was made on, where all instances of that name agree on it. */
function rentedAccelerator(
  run: MeasuredRun,
): { readonly accelerator: Accelerator; readonly share: number } | undefined {
  if (run.instanceType === undefined) return undefined;
  const { matches } = findInstances(run.instanceType, run.provider);
  const [first] = matches;
  if (!first || matches.some((match) => match.acceleratorId !== first.acceleratorId)) return undefined;
  const accelerator = findAccelerator(first.acceleratorId);
  if (accelerator?.webgpu === 'no' || accelerator === undefined || first.acceleratorCount === undefined)
    return undefined;
  return { accelerator, share: Math.min(first.acceleratorCount, 1) };
}
