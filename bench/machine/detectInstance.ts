import { findInstances, instances } from '../catalog/index.ts';
import type { Instance } from '../catalog/index.ts';
import { identifyCloud } from './clouds.ts';
import { askMetadata } from './metadata.ts';
import { realSystem } from './system.ts';
import type { System } from './system.ts';

export interface DetectInstanceOptions {
  /** What the user says it is: `TYPE` or `PROVIDER:TYPE`. Comes before TILEWISE_INSTANCE, which says the same. */
  readonly instance?: string | undefined;
  /** For the metadata service; at most, and unless given, 800 ms. */
  readonly timeoutMs?: number;
  readonly system?: System;
}

/** The instance that the program runs on, as far as it can be told. */
export interface DetectedInstance {
  readonly provider: string | undefined;
  readonly instanceType: string | undefined;
  /** Who says so. */
  readonly source: 'user' | 'metadata' | 'firmware' | 'none';
  /** Whether the catalogue has the type. */
  readonly catalogued: boolean;
  /** What was found and what was not, in a sentence for the user. */
  readonly message: string;
}

const LONGEST_TIMEOUT_MS = 800;

/**
 * Finds out the cloud and instance type: what the user says; else what the firmware names, and only then, and only of that
 * cloud, the metadata service. TILEWISE_NO_METADATA (any value but 0) keeps it off the network. Never throws, and never takes
 * longer than the timeout and the reading of a few small files.
 */
export async function detectInstance(options: DetectInstanceOptions = {}): Promise<DetectedInstance> {
  const { system = realSystem, timeoutMs = LONGEST_TIMEOUT_MS } = options;
  const said = options.instance || system.env['TILEWISE_INSTANCE'];
  if (said) return fromUser(said);
  try {
    return await fromMachine(system, Math.min(timeoutMs, LONGEST_TIMEOUT_MS));
  } catch (error) {
    return nothing(undefined, `The instance type could not be found out: ${String(error)}.`);
  }
}

function fromUser(said: string): DetectedInstance {
  const [, provider, instanceType = said] = /^([a-z-]+):(.+)$/.exec(said.trim()) ?? [];
  const { matches, suggestions } = findInstances(instanceType, provider);
  const providers = new Set(matches.map((match) => match.provider));
  const named = provider ?? (providers.size === 1 ? matches[0]?.provider : undefined);
  const unknown = suggestions.length > 0 ? `; the nearest are ${suggestions.join(', ')}` : '';
  return {
    provider: named,
    instanceType: matches[0]?.instanceType ?? instanceType.trim(),
    source: 'user',
    catalogued: matches.length > 0,
    message:
      matches.length > 0
        ? `Instance type ${matches[0]?.instanceType}, as given.`
        : `Instance type ${instanceType.trim()}, as given; the catalogue does not have it${unknown}.`,
  };
}

async function fromMachine(system: System, timeoutMs: number): Promise<DetectedInstance> {
  const firmware = await identifyCloud(system);
  if (!firmware)
    return nothing(undefined, 'No cloud is named in the firmware; the instance type is unknown.');
  const { cloud } = firmware;
  const silent = (system.env['TILEWISE_NO_METADATA'] ?? '0') !== '0';
  const answer = silent
    ? { problem: 'TILEWISE_NO_METADATA keeps the metadata service from being asked' }
    : await askMetadata(cloud, system, timeoutMs);
  if ('instanceType' in answer) return found(cloud, answer.instanceType, 'metadata');
  if (firmware.instanceType !== undefined) return found(cloud, firmware.instanceType, 'firmware');
  return nothing(cloud, `This is an instance of ${cloud}, its type unknown: ${answer.problem}.`);
}

function found(provider: string, instanceType: string, source: 'metadata' | 'firmware'): DetectedInstance {
  const catalogued = findInstances(instanceType, provider).matches.length > 0;
  const origin = source === 'metadata' ? 'its metadata service' : 'its firmware';
  return {
    provider,
    instanceType,
    source,
    catalogued,
    message: `Instance type ${instanceType} of ${provider}, by ${origin}${catalogued ? '' : '; the catalogue does not have it'}.`,
  };
}

function nothing(provider: string | undefined, message: string): DetectedInstance {
  return { provider, instanceType: undefined, source: 'none', catalogued: false, message };
}

/**
 * The instance types that a machine may be, by its accelerator and host, where nothing names the type: several often fit, and
 * whoever shows them has to say that they were matched by hardware only. Hosts show a little less memory than is sold.
 */
export function instancesLike(hardware: {
  readonly acceleratorId: string;
  readonly provider?: string | undefined;
  readonly cpuCount: number;
  readonly memoryBytes: number;
}): readonly Instance[] {
  const memoryGb = hardware.memoryBytes / 1e9;
  return instances.filter(
    (instance) =>
      instance.acceleratorId === hardware.acceleratorId &&
      (hardware.provider === undefined || instance.provider === hardware.provider) &&
      instance.vcpuCount === hardware.cpuCount &&
      // Sold in GB or GiB, and up to a tenth kept by hypervisor and firmware.
      (instance.memoryGb === undefined ||
        (memoryGb <= instance.memoryGb * 1.074 && memoryGb >= instance.memoryGb * 0.9)),
  );
}
