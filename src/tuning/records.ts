import type { Config, Kernel } from '../kernels/define.ts';
import type { AdapterIdentity, Capabilities } from '../runtime/capabilities.ts';
import type { DType } from '../tensor.ts';

/** What tuning found to be best for one class of problems on one GPU. */
export interface TuningRecord {
  readonly op: string;
  readonly dtype: DType;
  readonly shapeClass: string;
  /** `gpuKey()` of the adapter that was measured. */
  readonly gpu: string;
  readonly kernel: string;
  /** `kernelChecksum()` of the kernel that was measured: after any change to its text the record is stale. */
  readonly checksum: string;
  readonly config: Config;
}

/** Identifies a GPU model, not a machine: vendor and device name, without the driver's version. */
export function gpuKey(adapter: AdapterIdentity): string {
  return [adapter.vendor, adapter.device || adapter.architecture].join('/').toLowerCase();
}

/** FNV-1a over a kernel's name, WGSL text and space: tells texts apart, needs no cryptography. */
export function kernelChecksum<P>(kernel: Kernel<P>): string {
  const text = [kernel.name, JSON.stringify(kernel.space), ...kernel.parts.map((part) => part.code)].join(
    '\0',
  );
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** The record that applies to a class of problems on this adapter, whose kernel has not changed since. */
export function findRecord<P>(
  records: readonly TuningRecord[],
  wanted: { readonly op: string; readonly dtype: DType; readonly shapeClass: string },
  kernels: readonly Kernel<P>[],
  caps: Capabilities,
): { readonly record: TuningRecord; readonly kernel: Kernel<P> } | undefined {
  const gpu = gpuKey(caps.adapter);
  for (const record of records) {
    const fits =
      record.gpu === gpu &&
      record.op === wanted.op &&
      record.dtype === wanted.dtype &&
      record.shapeClass === wanted.shapeClass;
    if (!fits) continue;
    const kernel = kernels.find((candidate) => candidate.name === record.kernel);
    if (kernel && kernelChecksum(kernel) === record.checksum) return { record, kernel };
  }
  return undefined;
}
