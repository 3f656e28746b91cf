import type { Accelerator, Instance } from '../catalog/index.ts';
import { priceOf } from './price.ts';
import type { EstimateRequest, InstanceColumns } from './types.ts';

/** What every row says of its instance type: what it is, and what it costs. */
export function instanceColumns(
  instance: Instance,
  accelerator: Accelerator,
  workload: string,
  { pricing = 'on-demand', today }: Pick<EstimateRequest, 'pricing' | 'today'>,
): InstanceColumns {
  const price = priceOf(instance, pricing, today);
  return {
    provider: instance.provider,
    instanceType: instance.instanceType,
    accelerator: accelerator.id,
    acceleratorName: accelerator.name,
    count: instance.acceleratorCount ?? null,
    webgpu: accelerator.webgpu,
    region: instance.region ?? null,
    usdPerHour: price?.usdPerHour ?? null,
    pricing: price?.pricing ?? null,
    priceDate: price?.priceDate ?? null,
    priceAge: price?.priceAge ?? null,
    workload,
  };
}

/** Descending, `null` last. */
export function descending(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b - a;
}
