import { explain, type Capabilities, type Explanation, type GpuDevice, type KernelChoice } from 'tilewise';
import { planKernels, type KernelPlan } from 'tilewise/kernels';
import { familyOf } from '../workloads/families.ts';
import type { Workload } from '../workloads/workload.ts';

/** What the library would run, worked out without running anything. */
export interface Inspection {
  readonly explanation: Explanation;
  readonly plan: KernelPlan;
}

/**
 * The kernel for a workload on a device, by its tuned records, or on any of these capabilities; and its shaders.
 *
 * @throws what the operation throws: UnsupportedError for a config that cannot run
 */
export async function inspect(
  target: Capabilities | GpuDevice,
  workload: Workload,
  choice: KernelChoice,
): Promise<Inspection> {
  const family = familyOf(workload);
  let explanation: Explanation | undefined;
  const plan = await planKernels(target, (device) => {
    const operands = family.operands(workload).map(({ shape }) => device.input(shape, workload.dtype));
    explanation = explain(() => family.run(workload, operands, choice));
    return family.run(workload, operands, choice);
  });
  return { explanation: explanation!, plan };
}

/** Whether a config can run. */
export async function isLegal(
  capabilities: Capabilities,
  workload: Workload,
  choice: KernelChoice,
): Promise<boolean> {
  try {
    await inspect(capabilities, workload, choice);
    return true;
  } catch {
    return false;
  }
}

/** The least that WebGPU promises (specification, section 3.6.2): what is assumed where there is no device to ask. */
export const LEAST_CAPABILITIES: Capabilities = {
  backend: 'webgpu',
  adapter: { vendor: '', architecture: '', device: '', description: 'any WebGPU device' },
  software: false,
  f16: false,
  subgroups: undefined,
  subgroupMatrixConfigs: [],
  timestampQuery: false,
  boundsChecked: true,
  features: [],
  wgslFeatures: [],
  limits: {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxStorageBuffersPerShaderStage: 8,
    maxDynamicStorageBuffersPerPipelineLayout: 4,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupSizeY: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    minUniformBufferOffsetAlignment: 256,
    minStorageBufferOffsetAlignment: 256,
  },
};
