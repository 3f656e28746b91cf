import { accelerators, instances } from './tables.ts';
import type { Accelerator, Instance } from './types.ts';

const acceleratorsById = new Map(accelerators.map((accelerator) => [accelerator.id, accelerator]));

/** The accelerator of an id such as `nvidia-h100-sxm`. */
export function findAccelerator(id: string): Accelerator | undefined {
  return acceleratorsById.get(id);
}

/** What `findInstances` found: matches, or else the names nearest to the one asked for. */
export interface InstanceLookup {
  readonly matches: readonly Instance[];
  /** Up to five known names, nearest first; empty when there are matches. */
  readonly suggestions: readonly string[];
}

/**
 * Instance types by name, in any case. Neoclouds share names ("1x NVIDIA L4 (on-demand)"), and one of them may rent two
 * configurations under one name, so there may be several.
 */
export function findInstances(instanceType: string, provider?: string): InstanceLookup {
  const wanted = instanceType.trim().toLowerCase();
  const offered = instances.filter((instance) => provider === undefined || instance.provider === provider);
  const matches = offered.filter((instance) => instance.instanceType.toLowerCase() === wanted);
  const names = matches.length > 0 ? [] : [...new Set(offered.map((instance) => instance.instanceType))];
  return { matches, suggestions: nearest(wanted, names, 5) };
}

/** The names that hold `wanted`, then those with the fewest edits from it, ties in the order given. */
export function nearest(wanted: string, names: readonly string[], limit: number): readonly string[] {
  const given = wanted.toLowerCase();
  return names
    .map((name) => {
      const other = name.toLowerCase();
      return { name, holds: other.includes(given), distance: editDistance(given, other) };
    })
    .sort((a, b) => Number(b.holds) - Number(a.holds) || a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** Insertions, deletions and substitutions that turn `a` into `b` (Levenshtein), by rows. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[b.length]!;
}
