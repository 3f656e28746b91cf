import { DeviceUnavailableError } from '../errors.ts';
import { expectOneOf, refuse } from '../expect.ts';
import { loadFloat16 } from '../float16.ts';
import { describeCapabilities, limitsOf, WANTED_FEATURES, type Capabilities } from './capabilities.ts';
import type { CpuDevice } from './cpuDevice.ts';
import type { GpuDevice } from './gpuDevice.ts';
import type * as gpuRuntime from './gpuDevice.ts';

/** Where tensors live and operations run: a WebGPU device, or the CPU path with the same interface. */
export type Device = GpuDevice | CpuDevice;

/** How to open a device. */
export interface DeviceOptions {
  /** `cpu` runs every operation with the reference implementation. Default: `webgpu`. */
  readonly backend?: 'webgpu' | 'cpu';
  /** Part of the adapter's name, for machines with several GPUs (Node only). */
  readonly adapter?: string;
  /** Keeps the driver's bounds checks on, as browsers always do (Node only). Default: false. */
  readonly checked?: boolean;
  /** A device of one's own; operations then run on it, and it is not destroyed with the Tilewise device. */
  readonly gpuDevice?: GPUDevice;
  /** Told what went wrong without an operation to blame; the library itself never logs. */
  readonly onWarning?: (message: string) => void;
}

/** What a platform offers: `navigator.gpu` in browsers, Dawn in Node, to find a GPU by, and the CPU path. */
export interface DeviceProvider {
  /** Loads the CPU path, which who runs on a GPU need not; what runs on a GPU is loaded likewise. */
  openCpu(): Promise<CpuDevice>;
  /** @throws DeviceUnavailableError when the platform has no WebGPU at all. */
  open(options: DeviceOptions): Promise<{
    readonly gpu: GPU;
    /** Whether shaders' accesses are checked against their buffers. */
    readonly boundsChecked: boolean;
  }>;
  /** What to tell a user for whom `requestAdapter()` found nothing. */
  readonly noAdapterHint: string;
}

/** A device of WebGPU, and what it can do. */
interface OpenedGpu {
  readonly device: GPUDevice;
  readonly capabilities: Capabilities;
}

/**
 * @throws DeviceUnavailableError when there is no adapter, or it gives no device; ArgumentError for an option of the wrong kind.
 */
export async function openDeviceWith(provider: DeviceProvider, options: DeviceOptions): Promise<Device> {
  checkKinds(options);
  await loadFloat16();
  if (options.backend === 'cpu') return provider.openCpu();
  const { gpuDevice, onWarning } = options;
  // Side by side: a page fetches what runs on a GPU while it waits for the adapter.
  const opening = gpuDevice ? adopted(gpuDevice) : openGpu(provider, options);
  try {
    const [{ GpuDevice }, { device, capabilities }] = await Promise.all([loadGpuRuntime(), opening]);
    return new GpuDevice(device, capabilities, { ownsDevice: !gpuDevice, onWarning });
  } catch (error) {
    // The GPU's device may come all the same, when nobody is left to destroy it.
    if (!gpuDevice) {
      void opening.then(
        ({ device }) => device.destroy(),
        () => undefined,
      );
    }
    throw error;
  }
}

function checkKinds({ backend, adapter, checked, gpuDevice, onWarning }: DeviceOptions): void {
  expectOneOf('openDevice', 'backend', backend ?? 'webgpu', ['webgpu', 'cpu']);
  expectOneOf('openDevice', 'checked', checked ?? false, [true, false]);
  if (typeof (adapter ?? '') !== 'string') refuse('openDevice', 'adapter', 'a string', adapter);
  if (onWarning !== undefined && typeof onWarning !== 'function')
    refuse('openDevice', 'onWarning', 'a function', onWarning);
  const own = gpuDevice as Partial<GPUDevice> | undefined;
  if (own !== undefined && !(own.features && own.queue))
    refuse('openDevice', 'gpuDevice', 'a GPUDevice', own);
}

async function loadGpuRuntime(): Promise<typeof gpuRuntime> {
  try {
    return await import('./gpuDevice.ts');
  } catch (cause) {
    throw new DeviceUnavailableError(
      `what runs operations on a GPU could not be loaded: ${String(cause)}`,
      {},
      cause,
    );
  }
}

async function openGpu(provider: DeviceProvider, options: DeviceOptions): Promise<OpenedGpu> {
  const { gpu, boundsChecked } = await provider.open(options);
  const adapter = await requestAdapter(gpu, provider, options);
  const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name)) as GPUFeatureName[];
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredFeatures, requiredLimits: limitsOf(adapter) });
  } catch (cause) {
    throw new DeviceUnavailableError(
      `the adapter ${adapter.info.description || adapter.info.device} gave no device: ${String(cause)}`,
      {},
      cause,
    );
  }
  const capabilities = describeCapabilities(device, adapter.info, {
    boundsChecked,
    wgslFeatures: gpu.wgslLanguageFeatures,
  });
  return { device, capabilities };
}

async function requestAdapter(
  gpu: GPU,
  provider: DeviceProvider,
  options: DeviceOptions,
): Promise<GPUAdapter> {
  const which = options.adapter ? ` with ${JSON.stringify(options.adapter)} in its name` : '';
  let reason = '';
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter) return adapter;
  } catch (cause) {
    // Dawn throws, with the list of what there is, where a browser gives null.
    reason = ` (${cause instanceof Error ? cause.message : String(cause)})`;
  }
  throw new DeviceUnavailableError(`no WebGPU adapter${which} was found${reason}. ${provider.noAdapterHint}`);
}

/** Whether a device that somebody else made checks bounds cannot be known; assuming that it does is the safe side. */
async function adopted(device: GPUDevice): Promise<OpenedGpu> {
  const capabilities = describeCapabilities(device, device.adapterInfo, {
    boundsChecked: true,
    wgslFeatures: [],
  });
  return { device, capabilities };
}

/** Names of the options. */
export const DEVICE_OPTIONS: readonly string[] = [
  'backend',
  'adapter',
  'checked',
  'gpuDevice',
  'onWarning',
] satisfies (keyof DeviceOptions)[];
