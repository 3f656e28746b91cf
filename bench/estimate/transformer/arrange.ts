import type { Accelerator } from '../../catalog/index.ts';
import type { Parameters } from '../model/parameters.ts';
import { replicaThroughput } from './serve.ts';
import type { ReplicaThroughput, TransformerWorkload } from './serve.ts';

/** The arrangement of an instance's accelerators that yields most. */
export type BestOnInstance =
  | (ReplicaThroughput & { readonly replicas: number })
  | { readonly missing: string; readonly fits: boolean | undefined };

/**
 * Tries every number of accelerators a replica, by powers of two, and takes the one with most tokens a second in all.
 *
 * @param count accelerators; below 1 a share of one
 */
export function bestOnInstance(
  workload: TransformerWorkload,
  accelerator: Accelerator,
  count: number,
  parameters: Parameters,
): BestOnInstance {
  const share = Math.min(count, 1);
  const { ways: wanted = 1, model } = workload;
  if (wanted > Math.max(count, 1)) {
    return { missing: `${wanted} accelerators a replica, where there are ${count}`, fits: false };
  }
  const candidates: number[] = [];
  // Eight is as far as one node reaches; more ways than that would cross the network. Engines share whole heads.
  for (let ways = 1; ways <= Math.min(Math.max(count, 1), 8) && model.heads % ways === 0; ways *= 2) {
    candidates.push(ways);
  }
  const tried = (workload.ways === undefined ? candidates : [workload.ways]).map((ways) => ({
    ways,
    result: replicaThroughput(workload, { accelerator, ways, share }, parameters),
  }));
  let best: (ReplicaThroughput & { readonly replicas: number }) | undefined;
  for (const { ways, result } of tried) {
    if ('missing' in result) continue;
    const replicas = Math.max(1, Math.floor(Math.max(count, 1) / ways));
    if (!best || result.tokensPerSecond * replicas > best.tokensPerSecond * best.replicas)
      best = { ...result, replicas };
  }
  if (best) return best;
  const last = tried.at(-1)!.result;
  return 'missing' in last ? last : { missing: 'nothing was tried', fits: undefined };
}
