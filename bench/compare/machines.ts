import type { AdapterRow, BenchResult } from '../schema.ts';
import { clockOf } from './timedRows.ts';

/** The adapter's name for people; a software one's is in its driver's words. */
export function adapterName(adapter: AdapterRow): string {
  const { backend, device, vendor, architecture, description, software } = adapter;
  if (backend === 'cpu') return 'the CPU path';
  if (software && description !== '') return description;
  return (
    device || [vendor, architecture].filter(Boolean).join(' ') || description || 'an adapter without a name'
  );
}

/** Whether a processor did the work. */
export function isSoftware({ adapter }: BenchResult): boolean {
  return adapter.software || adapter.backend === 'cpu';
}

/**
 * What did the work: two results with the same can be held against each other. For a software adapter that is the processor.
 */
export function machineKey(result: BenchResult): string {
  const { backend, vendor, architecture, device } = result.adapter;
  const { cpuModel, cpuCount } = result.machine;
  const processor = isSoftware(result) ? [cpuModel, cpuCount] : [];
  return JSON.stringify([backend, vendor, architecture, device, ...processor]);
}

/** Why two results say nothing of each other's program, where they do not; undefined where they were measured on the same. */
export function whyIncomparable(a: BenchResult, b: BenchResult): string | undefined {
  const names = [adapterName(a.adapter), adapterName(b.adapter)] as const;
  if (isSoftware(a) !== isSoftware(b)) {
    const [software, hardware] = isSoftware(a) ? names : [names[1], names[0]];
    return `One was measured on a software adapter (${software}), the other on a GPU (${hardware}): the times of a processor say nothing of a GPU.`;
  }
  if (machineKey(a) === machineKey(b)) return undefined;
  const [first, second] = names[0] === names[1] ? [a.machine.cpuModel, b.machine.cpuModel] : names;
  return `They are of different ${isSoftware(a) ? 'machines' : 'GPUs'}, ${first} and ${second}: what differs is not the program alone.`;
}

/** What else than the program differs between two results of the same GPU, or may have been otherwise. */
export function differencesBetween(a: BenchResult, b: BenchResult): string[] {
  const facts: readonly (readonly [
    string,
    string | number | boolean | null,
    string | number | boolean | null,
  ])[] = [
    ['driver', a.adapter.description, b.adapter.description],
    ['Dawn', a.versions.webgpu, b.versions.webgpu],
    ['Node', a.versions.node, b.versions.node],
    ['tilewise', a.versions.tilewise, b.versions.tilewise],
    ['clock', clockOf(a.adapter), clockOf(b.adapter)],
    ['bounds checks', a.adapter.boundsChecked, b.adapter.boundsChecked],
    ['operating system', a.machine.distribution, b.machine.distribution],
    ['processor', a.machine.cpuModel, b.machine.cpuModel],
    ['instance type', a.machine.instance.instanceType, b.machine.instance.instanceType],
    ['extent', a.run.extent, b.run.extent],
    ['model', a.run.model['name'] ?? null, b.run.model['name'] ?? null],
  ];
  return facts.flatMap(([name, before, after]) =>
    before === after ? [] : `${name}: ${before ?? 'unknown'} before, ${after ?? 'unknown'} after`,
  );
}
