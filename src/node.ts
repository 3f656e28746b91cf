// `tilewise` in Node: all of the library, with Dawn (the npm package `webgpu`) as the way to the GPU.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { DeviceUnavailableError } from './errors.ts';
import type { CpuDevice } from './runtime/cpuDevice.ts';
import type { Device, DeviceProvider } from './runtime/device.ts';
import type { GpuDevice } from './runtime/gpuDevice.ts';
import { openTunedDevice, type OpenDeviceOptions } from './tuning/openDevice.ts';
import type { RecordStore } from './tuning/records.ts';

export * from './index.ts';

/**
 * What Dawn hides or adds by default and native peers do not:
 * experimental features (subgroup matrices) and half precision on NVIDIA, which its block list turns off; clock
 * readings rounded to 65 microseconds.
 */
const ENABLED = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia'];
const DISABLED = ['timestamp_quantization'];

/** Checks of every index, zeroing of workgroup memory, guards around division: proven unnecessary by the tests. */
const UNCHECKED = [
  'disable_robustness',
  'disable_workgroup_init',
  'disable_polyfills_on_integer_div_and_mod',
];

/** Dawn's instances: they must outlive every device made from them, or a pending wait crashes the process. */
const instances = new Map<string, GPU>();

const dawn: DeviceProvider = {
  openCpu: async () => (await import('./cpu.ts')).openCpu(),
  async open({ adapter, checked = false }) {
    const enabled = checked ? ENABLED : [...ENABLED, ...UNCHECKED];
    const flags = [`enable-dawn-features=${enabled.join()}`, `disable-dawn-features=${DISABLED.join()}`];
    if (adapter) flags.push(`adapter=${adapter}`);
    const key = flags.join(' ');
    let gpu = instances.get(key);
    if (!gpu) {
      gpu = (await loadDawn()).create(flags);
      instances.set(key, gpu);
    }
    return { gpu, boundsChecked: checked };
  },
  noAdapterHint:
    'Run `npx tilewise doctor` to see what is missing. `npx tilewise run FILE` runs a program on a software adapter where there ' +
    'is no GPU; { backend: "cpu" } runs everywhere.',
};

async function loadDawn(): Promise<{ create(flags: string[]): GPU }> {
  try {
    return await import('webgpu');
  } catch (cause) {
    throw new DeviceUnavailableError(
      'WebGPU in Node needs the package `webgpu` (Dawn), which could not be loaded. Install it with `npm install webgpu`; ' +
        'it needs glibc 2.34 or newer on Linux.',
      {},
      cause,
    );
  }
}

/**
 * The file of the user's own tuned records of a GPU, in `$XDG_CACHE_HOME/tilewise/tuning/` (`~/.cache` where that is not set).
 *
 * @param gpu vendor and device as records name them, for instance `nvidia/nvidia h100 80gb hbm3`
 */
export function tuningPath(gpu: string): string {
  const given = process.env['XDG_CACHE_HOME'];
  // The XDG specification has relative paths ignored.
  const cache = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.cache');
  return join(cache, 'tilewise', 'tuning', `${gpu.replaceAll(/[^a-z0-9.]+/g, '-')}.json`);
}

const records: RecordStore = {
  async readOwn(gpu) {
    const source = tuningPath(gpu);
    try {
      return { source, json: await readJson(source) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`${source}: ${(error as Error).message}`, { cause: error });
    }
  },
  readAt: readJson,
};

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/**
 * Opens the best adapter that Dawn finds, with half precision, subgroups, subgroup matrices and timestamp queries
 * wherever it has them.
 *
 * @throws DeviceUnavailableError without an adapter or without Dawn; `npx tilewise doctor` tells what is missing.
 */
export async function openDevice(
  options: OpenDeviceOptions & { readonly backend: 'cpu' },
): Promise<CpuDevice>;
export async function openDevice(
  options?: OpenDeviceOptions & { readonly backend?: 'webgpu' },
): Promise<GpuDevice>;
export async function openDevice(options?: OpenDeviceOptions): Promise<Device>;
export async function openDevice(options?: OpenDeviceOptions): Promise<Device> {
  return openTunedDevice(dawn, records, options);
}
