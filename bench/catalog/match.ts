import type { Accelerator } from './types.ts';
import { accelerators } from './tables.ts';

/** What a WebGPU adapter says of itself: the fields of `GPUAdapterInfo` that matter here. */
export interface AdapterDescription {
  readonly vendor?: string | undefined;
  readonly device?: string | undefined;
  readonly description?: string | undefined;
  readonly isFallbackAdapter?: boolean | undefined;
}

/**
 * Device names, normalised, and the accelerators they stand for. In Node a device name is Vulkan's `deviceName`;
 * NVIDIA's are those that nvidia-smi prints. A name without its memory or socket is listed only where one model
 * bears it: a bare "a100" stays unmatched, because four models do.
 */
const DEVICE_NAMES: readonly (readonly [name: string, acceleratorId: string])[] = [
  ['tesla-k80', 'nvidia-k80'],
  ['p100-pcie-16gb', 'nvidia-p100-pcie-16'],
  ['p100-sxm2-16gb', 'nvidia-p100-sxm2-16'],
  ['v100-sxm2-16gb', 'nvidia-v100-sxm2-16'],
  ['v100-sxm2-32gb', 'nvidia-v100-sxm2-32'],
  ['v100-pcie-16gb', 'nvidia-v100-pcie-16'],
  ['t4', 'nvidia-t4'],
  ['t4g', 'nvidia-t4g'],
  ['a10', 'nvidia-a10'],
  ['a10g', 'nvidia-a10g'],
  ['a16', 'nvidia-a16'],
  ['a40', 'nvidia-a40'],
  ['a100-sxm4-40gb', 'nvidia-a100-sxm-40'],
  ['a100-sxm4-80gb', 'nvidia-a100-sxm-80'],
  ['a100-sxm-40gb', 'nvidia-a100-sxm-40'],
  ['a100-sxm-80gb', 'nvidia-a100-sxm-80'],
  ['a100-pcie-40gb', 'nvidia-a100-pcie-40'],
  ['a100-pcie-80gb', 'nvidia-a100-pcie-80'],
  ['a100-80gb-pcie', 'nvidia-a100-pcie-80'],
  ['l4', 'nvidia-l4'],
  ['l40', 'nvidia-l40'],
  ['l40s', 'nvidia-l40s'],
  ['rtx-pro-4500-blackwell-server-edition', 'nvidia-rtx-pro-4500-server'],
  ['rtx-pro-6000-blackwell-server-edition', 'nvidia-rtx-pro-6000-server'],
  ['h100', 'nvidia-h100-sxm'],
  ['h100-80gb-hbm3', 'nvidia-h100-sxm'],
  ['h100-pcie', 'nvidia-h100-pcie'],
  ['h100-nvl', 'nvidia-h100-nvl'],
  ['h200', 'nvidia-h200-sxm'],
  ['h200-nvl', 'nvidia-h200-nvl'],
  // The 480 GB and 120 GB of these names are the processor's memory beside 96 GB on the GPU.
  ['gh200-480gb', 'nvidia-gh200-96'],
  ['gh200-120gb', 'nvidia-gh200-96'],
  ['gh200-144g-hbm3e', 'nvidia-gh200-144'],
  ['b200', 'nvidia-b200'],
  ['b300', 'nvidia-b300'],
  ['gb200', 'nvidia-gb200'],
  ['gb300', 'nvidia-gb300'],
  ['mi250x', 'amd-mi250x'],
  ['mi300x', 'amd-mi300x'],
  ['mi325x', 'amd-mi325x'],
  ['mi355x', 'amd-mi355x'],
  ['radeon-pro-v520', 'amd-v520'],
  ['radeon-pro-v620', 'amd-v620'],
  ['radeon-pro-v710', 'amd-v710'],
  ['data-center-gpu-max-1550', 'intel-max-1550'],
];

const LONGEST_FIRST = [...DEVICE_NAMES].sort(([a], [b]) => b.length - a.length);

/** A slice of a device (MIG, GRID profiles such as `a10-8q`, AMD's MxGPU) has the name, but not the rates, of the whole. */
const SLICE = /-(?:mig|mxgpu|grid|vgpu|\d+[abcq])-/;

/** Names that contain a data center name and are another product. */
const OTHER_EDITION = /-(?:workstation|laptop|mobile|max-q)-/;

/** Vulkan and WebGPU drivers that run on the processor. */
const SOFTWARE = /-(?:llvmpipe|lavapipe|swiftshader|softpipe|warp|software|microsoft-basic-render)-/;

/** Lower case, runs of anything but letters and digits as one dash, and a dash at either end to match whole words by. */
function normalise(name: string): string {
  return `-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-`.replace(/-+/g, '-');
}

/** Whether an adapter runs on the processor: right results, but times that say nothing of a GPU. */
export function isSoftwareAdapter(adapter: AdapterDescription): boolean {
  const text = normalise([adapter.vendor, adapter.device, adapter.description].join(' '));
  return adapter.isFallbackAdapter === true || SOFTWARE.test(text);
}

/**
 * The accelerator that an adapter is, or `undefined` where its name does not say exactly: a slice of a device, an
 * edition that is not in the catalogue, a name that several models bear, or a name that the browser masks.
 */
export function matchAccelerator(adapter: AdapterDescription): Accelerator | undefined {
  if (isSoftwareAdapter(adapter)) return undefined;
  const name = normalise(adapter.device || adapter.description || '');
  if (SLICE.test(name) || OTHER_EDITION.test(name)) return undefined;
  const pair = LONGEST_FIRST.find(([pattern]) => name.includes(`-${pattern}-`));
  if (!pair) return undefined;
  const [pattern, id] = pair;
  const accelerator = accelerators.find((candidate) => candidate.id === id);
  return accelerator && memoryAgrees(name.replace(pattern, ''), accelerator) ? accelerator : undefined;
}

/** A memory size beside the matched words must be that of the accelerator: an "H100 64GB" is not the 80 GB model. */
function memoryAgrees(rest: string, accelerator: Accelerator): boolean {
  const stated = /-(\d+)gb?-/.exec(rest)?.[1];
  return (
    stated === undefined || accelerator.memoryGb === undefined || Number(stated) === accelerator.memoryGb
  );
}

/** Every accelerator that a device name leads to; for tests. */
export const matchableAcceleratorIds: ReadonlySet<string> = new Set(DEVICE_NAMES.map(([, id]) => id));
