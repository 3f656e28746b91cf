/** One shape and type of matrix product that the adapter's subgroups multiply in hardware. */
export interface SubgroupMatrixConfig {
  /** Element type of both factors. */
  readonly componentType: string;
  /** Element type of the accumulator. */
  readonly resultType: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Who made the adapter, as WebGPU reports it; browsers leave most of it empty. */
export interface AdapterIdentity {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

/** The limits that kernels and the runtime decide by, in the units of the WebGPU specification. */
export interface DeviceLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxDynamicStorageBuffersPerPipelineLayout: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupSizeX: number;
  readonly maxComputeWorkgroupSizeY: number;
  readonly maxComputeWorkgroupsPerDimension: number;
  readonly minUniformBufferOffsetAlignment: number;
  readonly minStorageBufferOffsetAlignment: number;
}

/**
 * What a device can do: plain frozen data without GPU objects, so that selection and plans are tested from JSON
 * on a machine without that GPU.
 */
export interface Capabilities {
  readonly backend: 'webgpu' | 'cpu';
  readonly adapter: AdapterIdentity;
  /** The adapter is a processor: right results, but times that say nothing of a GPU. */
  readonly software: boolean;
  /** Half precision in shaders (`shader-f16`). */
  readonly f16: boolean;
  /** Sizes that a subgroup may have, or undefined where shaders have no subgroup operations. */
  readonly subgroups: { readonly minSize: number; readonly maxSize: number } | undefined;
  readonly subgroupMatrixConfigs: readonly SubgroupMatrixConfig[];
  readonly timestampQuery: boolean;
  /** The driver checks every access against its buffer; false only in Node, see `openDevice({ checked })`. */
  readonly boundsChecked: boolean;
  readonly features: readonly string[];
  readonly wgslFeatures: readonly string[];
  readonly limits: DeviceLimits;
}

/** Features that are requested wherever the adapter has them. */
export const WANTED_FEATURES = [
  'shader-f16',
  'subgroups',
  'timestamp-query',
  'chromium-experimental-subgroup-matrix',
  'subgroup-size-control',
] as const;

export const LIMIT_NAMES = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxDynamicStorageBuffersPerPipelineLayout',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupsPerDimension',
  'minUniformBufferOffsetAlignment',
  'minStorageBufferOffsetAlignment',
] as const satisfies readonly (keyof DeviceLimits)[];

/** The limits that count: also what to ask an adapter for, since a device made without gets the specification's small defaults. */
export function limitsOf({ limits }: Pick<DeviceDescription, 'limits'>): Record<keyof DeviceLimits, number> {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, limits[name]])) as Record<
    keyof DeviceLimits,
    number
  >;
}

/** `GPUAdapterInfo` with what Dawn adds to the standard's fields. */
type DawnAdapterInfo = GPUAdapterInfo & {
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }>;
};

/** Vendors and device names of Vulkan drivers that run on the processor. */
const SOFTWARE_ADAPTER = /\b(llvmpipe|lavapipe|swiftshader|warp|microsoft basic render)\b/i;

/** What a GPUDevice and a GPUAdapter have in common. */
export type DeviceDescription = Pick<GPUDevice, 'features' | 'limits'>;

/** Reads off a device what kernels may rely on. `boundsChecked` is the caller's to say: WebGPU does not report it. */
export function describeCapabilities(
  device: DeviceDescription,
  info: GPUAdapterInfo | undefined,
  options: { readonly boundsChecked: boolean; readonly wgslFeatures: Iterable<string> },
): Capabilities {
  const features = [...device.features].sort();
  // Browsers older than the standard's last revision have no `adapterInfo`.
  const known: Partial<DawnAdapterInfo> = info ?? {};
  const { vendor = '', architecture = '', device: name = '', description = '' } = known;
  const { subgroupMinSize, subgroupMaxSize, subgroupMatrixConfigs, isFallbackAdapter = false } = known;
  const has = (feature: string): boolean => features.includes(feature);
  const identity = [vendor, architecture, name, description].join(' ');
  return deepFreeze({
    backend: 'webgpu',
    adapter: { vendor, architecture, device: name, description },
    software: isFallbackAdapter || SOFTWARE_ADAPTER.test(identity),
    f16: has('shader-f16'),
    subgroups: has('subgroups')
      ? { minSize: subgroupMinSize ?? 4, maxSize: subgroupMaxSize ?? 128 }
      : undefined,
    subgroupMatrixConfigs: has('chromium-experimental-subgroup-matrix')
      ? [...(subgroupMatrixConfigs ?? [])].map((config) => ({
          componentType: config.componentType,
          resultType: config.resultComponentType,
          m: config.M,
          n: config.N,
          k: config.K,
        }))
      : [],
    timestampQuery: has('timestamp-query'),
    boundsChecked: options.boundsChecked,
    features,
    wgslFeatures: [...options.wgslFeatures].sort(),
    limits: limitsOf(device),
  } satisfies Capabilities);
}

export function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
