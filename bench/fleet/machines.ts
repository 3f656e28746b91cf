import {
  accelerators,
  findAccelerator,
  instances,
  nearest,
  type Accelerator,
  type Instance,
} from '../catalog/index.ts';

/** An instance type to measure on, and what its files and results are called. */
export interface FleetMachine {
  /** Lower-case letters, digits and hyphens: fit for names in every engine. */
  readonly name: string;
  readonly instance: Instance;
  readonly accelerator: Accelerator;
}

export interface FleetChoice {
  readonly provider: string;
  /** An accelerator's id or a part of it: `h100`. */
  readonly accelerator: string;
  /** Only these instance types; all of the provider's unless given. */
  readonly instanceTypes?: readonly string[] | undefined;
}

/** Accelerators whose hosts have Arm processors; the bundle is for x86-64. */
const ARM = new Set(['nvidia-t4g', 'nvidia-gh200-96', 'nvidia-gh200-144', 'nvidia-gb200', 'nvidia-gb300']);

/**
 * The provider's instance types with an accelerator, the smallest first.
 *
 * @throws RangeError with the nearest names where there is no such accelerator or instance type, with who has it where this
 *   provider has not, and with the reason where the benchmark cannot run on it
 */
export function chooseMachines({ provider, accelerator, instanceTypes }: FleetChoice): FleetMachine[] {
  const wanted = accelerator.trim().toLowerCase();
  const exact = accelerators.filter(({ id }) => id === wanted);
  const parts = accelerators.filter(({ id }) => id.split('-').includes(wanted) || id.endsWith(`-${wanted}`));
  const matches = exact.length > 0 ? exact : parts;
  if (matches.length === 0) {
    const names = accelerators.flatMap(({ id }) => [id, id.split('-')[1] ?? id]);
    const suggestions = nearest(wanted, [...new Set(names)], 3).join(', ');
    throw new RangeError(`there is no accelerator ${accelerator}; nearest: ${suggestions}`);
  }
  const usable = matches.filter((match) => whyUnusable(match) === undefined);
  if (usable.length === 0) throw new RangeError(`${matches[0]!.name}: ${whyUnusable(matches[0]!)}`);
  const having = instances.filter(({ acceleratorId }) => usable.some(({ id }) => id === acceleratorId));
  const offered = having.filter((instance) => instance.provider === provider);
  if (offered.length === 0) {
    const who = [...new Set(having.map((instance) => instance.provider))].join(', ') || 'nobody';
    throw new RangeError(`${provider} has no ${accelerator}; who has: ${who}`);
  }
  const names = [...new Set(offered.map(({ instanceType }) => instanceType))];
  const unknown = instanceTypes?.find((type) => !names.includes(type));
  if (unknown !== undefined) {
    const suggestions = nearest(unknown, names, 3).join(', ');
    throw new RangeError(`${provider} has no ${unknown} with ${accelerator}; nearest: ${suggestions}`);
  }
  return names
    .filter((type) => instanceTypes?.includes(type) ?? true)
    .map((type) => offered.find(({ instanceType }) => instanceType === type)!)
    .sort(
      (a, b) =>
        (a.acceleratorCount ?? 0) - (b.acceleratorCount ?? 0) || (a.vcpuCount ?? 0) - (b.vcpuCount ?? 0),
    )
    .map((instance) => ({
      name: `tilewise-${slug(instance.instanceType)}`,
      instance,
      accelerator: findAccelerator(instance.acceleratorId)!,
    }));
}

function whyUnusable({ id, vendor, webgpu }: Accelerator): string | undefined {
  if (webgpu === 'no') return 'WebGPU does not reach it';
  if (ARM.has(id)) return 'its hosts have Arm processors; the bundle is for x86-64';
  // The bundle brings what NVIDIA's driver asks for, and the engines hand out its devices.
  return vendor.toLowerCase() === 'nvidia' ? undefined : 'the bundle is for NVIDIA GPUs';
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
