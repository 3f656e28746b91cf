/**
 * Devices, tensors and operations: the same names in browsers and in Node, where `openDevice()` goes through Dawn.
 *
 * @module tilewise
 */
import { DeviceUnavailableError } from './errors.ts';
import type { CpuDevice } from './runtime/cpuDevice.ts';
import type { Device, DeviceProvider } from './runtime/device.ts';
import type { GpuDevice } from './runtime/gpuDevice.ts';
import { readOwn } from './tuning/browserRecords.ts';
import { openTunedDevice, type OpenDeviceOptions } from './tuning/openDevice.ts';
import type { RecordStore } from './tuning/records.ts';

export {
  ArgumentError,
  DeviceLostError,
  DeviceUnavailableError,
  DTypeError,
  ExecutionError,
  OutOfMemoryError,
  ShaderCompileError,
  ShapeError,
  TilewiseError,
  UnsupportedError,
  type ErrorDetails,
} from './errors.ts';
export { attention, attentionWithCache, attentionWithLogSumExp } from './ops/attention.ts';
export { attentionBackward, type AttentionBackwardOptions } from './ops/attentionBackward.ts';
export type { AttentionOptions, CachedAttentionOptions } from './ops/attentionOptions.ts';
export {
  KeyValueCache,
  writeCache,
  type KeyValueCacheOptions,
  type WriteCacheOptions,
} from './ops/keyValueCache.ts';
export type { Lengths } from './ops/lengths.ts';
export { rotary, type RotaryOptions, type RotaryTables } from './ops/rotary.ts';
export { gate, type GateOptions } from './ops/gate.ts';
export { cast, contiguous } from './ops/convert.ts';
export { groupedMatmul, matmul } from './ops/matmul.ts';
export type {
  GroupedMatmulOptions,
  MatmulDType,
  MatmulOptions,
  MatmulResult,
  MatmulWeights,
} from './ops/matmulOptions.ts';
export { prepack, type PrepackOptions } from './ops/prepack.ts';
export { quantize, type HostWeights, type QuantizeOptions } from './ops/quantize.ts';
export {
  QuantizedTensor,
  quantizedTensor,
  type PackedWeights,
  type Quantization,
} from './ops/quantizedTensor.ts';
export { writeFrom, type ByteSource } from './ops/writeFrom.ts';
export { compact, nonzero, type Compacted, type Nonzero } from './ops/compact.ts';
export { histogram, type HistogramOptions } from './ops/histogram.ts';
export { sample, type SampleOptions } from './ops/sample.ts';
export { cumsum, scan, type CumsumOptions, type ScanOptions } from './ops/scan.ts';
export {
  segmentReduce,
  segmentScan,
  type SegmentReduceOptions,
  type SegmentScanOptions,
} from './ops/segments.ts';
export { argsort, sort, sortBy, topK, type Sorted, type SortOptions, type TopKOptions } from './ops/sort.ts';
export {
  addLayerNorm,
  addRmsNorm,
  groupNorm,
  layerNorm,
  rmsNorm,
  type AddedNorm,
  type GroupNormOptions,
  type LayerNormOptions,
  type RmsNormOptions,
} from './ops/norm.ts';
export {
  groupNormBackward,
  layerNormBackward,
  rmsNormBackward,
  type GroupNormBackwardOptions,
  type LayerNormBackwardOptions,
  type LayerNormGradients,
  type RmsNormGradients,
} from './ops/normBackward.ts';
export {
  all,
  any,
  argmax,
  argmin,
  l1Norm,
  l2Norm,
  logSum,
  logSumExp,
  max,
  mean,
  min,
  moments,
  prod,
  reduce,
  std,
  sum,
  sumSquare,
  variance,
  type ReductionOptions,
  type SumOptions,
  type VarianceOptions,
} from './ops/reduction.ts';
export {
  logSoftmax,
  logSoftmaxBackward,
  softmax,
  softmaxBackward,
  type SoftmaxOptions,
} from './ops/softmax.ts';
export { explain, type Explanation, type KernelCandidate } from './ops/explain.ts';
export type { KernelChoice } from './ops/select.ts';
export type { ReductionOperator } from './reference/reduction.ts';
export type { Activation, Limits } from './reference/activation.ts';
export type { BlockSize, QuantizedFormat } from './reference/coding.ts';
export type { Deviation } from './reference/quantization.ts';
export type { ScanOperator } from './reference/scan.ts';
export type { SegmentReductionKind } from './reference/segmentReduce.ts';
export type {
  AdapterIdentity,
  Capabilities,
  DeviceLimits,
  SubgroupMatrixConfig,
} from './runtime/capabilities.ts';
export type { CpuDevice, CpuGraph } from './runtime/cpuDevice.ts';
export type { Device } from './runtime/device.ts';
export type { GpuDevice } from './runtime/gpuDevice.ts';
export type { DispatchProfile, GraphTiming } from './runtime/timing.ts';
export type { Graph } from './runtime/graph.ts';
export type { OpenDeviceOptions } from './tuning/openDevice.ts';
export type {
  Candidate,
  Outcome,
  TimeInterval,
  TuningFile,
  TuningNote,
  TuningRecord,
} from './tuning/records.ts';
export {
  Tensor,
  type DType,
  type HalfArray,
  type ReadOptions,
  type Shape,
  type TensorArray,
  type TensorData,
  type ViewLayout,
  type WaitOptions,
} from './tensor.ts';

const browser: DeviceProvider = {
  openCpu: async () => (await import('./cpu.ts')).openCpu(),
  async open() {
    const { gpu } = globalThis.navigator ?? {};
    if (gpu) return { gpu, boundsChecked: true };
    throw new DeviceUnavailableError(
      'this browser offers no WebGPU: it needs a secure context (https or localhost) and a recent Chrome, Edge, Safari or ' +
        'Firefox; { backend: "cpu" } runs everywhere',
    );
  },
  noAdapterHint:
    'The browser has WebGPU but no usable GPU (see chrome://gpu in Chrome); { backend: "cpu" } runs everywhere.',
};

const records: RecordStore = {
  readOwn,
  async readAt(location) {
    const response = await fetch(location);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return response.json();
  },
};

/**
 * Opens a GPU, with every feature and limit that helps.
 *
 * @throws DeviceUnavailableError where there is no WebGPU or no adapter.
 */
export async function openDevice(
  options: OpenDeviceOptions & { readonly backend: 'cpu' },
): Promise<CpuDevice>;
export async function openDevice(
  options?: OpenDeviceOptions & { readonly backend?: 'webgpu' },
): Promise<GpuDevice>;
export async function openDevice(options?: OpenDeviceOptions): Promise<Device>;
export async function openDevice(options?: OpenDeviceOptions): Promise<Device> {
  return openTunedDevice(browser, records, options);
}
