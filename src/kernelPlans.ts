/**
 * What an operation would run, as plain data, for engines that dispatch by themselves.
 *
 * @module tilewise/kernels
 */
import { ArgumentError } from './errors.ts';
import { loadFloat16 } from './float16.ts';
import { loadFor } from './kernels/onDemand.ts';
import { describeCapabilities, type Capabilities, type DeviceDescription } from './runtime/capabilities.ts';
import { refuse } from './expect.ts';
import { checkFunction, checkTensorSpec } from './runtime/checks.ts';
import type { GpuDevice } from './runtime/gpuDevice.ts';
import { packParams } from './runtime/params.ts';
import { bindingNumbers, type Plan } from './runtime/plan.ts';
import type { PlanRunner } from './runtime/planRunner.ts';
import {
  checkDataLength,
  encodeElements,
  storageSizeBytes,
  Tensor,
  type DType,
  type Shape,
  type TensorData,
  type TensorDevice,
  type TensorSpec,
  type TensorStorage,
} from './tensor.ts';
import { shareRecords } from './tuning/deviceRecords.ts';
import { composeShader } from './wgsl/compose.ts';
import type { ShaderSource, WgslExtension } from './wgsl/source.ts';

export type { Capabilities } from './runtime/capabilities.ts';

/** A buffer that the passes bind as a whole, from its beginning on, but for those with a window. It needs usage STORAGE. */
export interface PlannedBuffer {
  /**
   * `input`: what the caller fills before the first pass, made by `input()`; `constant`: to be filled with `data`, once;
   * `temporary`: arbitrary content before the first pass, and of no use after the last, unless it is one of the results.
   */
  readonly kind: 'input' | 'constant' | 'temporary';
  readonly sizeBytes: number;
  readonly data?: Uint8Array<ArrayBuffer>;
}

/** A tensor in one of the buffers: elements in row-major order from its beginning on. */
export interface PlannedTensor extends TensorSpec {
  /** Index into `buffers`. */
  readonly buffer: number;
}

/** One dispatch. Passes are to run in order, each seeing what those before it wrote. */
export interface PlannedPass {
  /** `<operation>/<strategy>`, with the step where there are several. */
  readonly label: string;
  /** The whole shader. Equal texts are equal shaders: one pipeline serves all shapes of a config. */
  readonly code: string;
  readonly entryPoint: 'main';
  /** Content of the uniform buffer at `@group(0) @binding(0)`. */
  readonly params: Uint8Array<ArrayBuffer>;
  /** Storage buffers of `@group(0)`. Buffers that are read and written in one pass are never the same. */
  readonly bindings: readonly {
    readonly binding: number;
    /** Index into `buffers`. */
    readonly buffer: number;
    readonly access: 'read' | 'read_write';
    /** The part that is bound, in bytes, where a buffer is larger than a shader may bind: see `PlannedBuffer`. */
    readonly window?: { readonly byteOffset: number; readonly sizeBytes: number };
  }[];
  readonly workgroups: readonly [x: number, y: number, z: number];
}

/** Everything that it takes to run operations, without an object of WebGPU in it: it can be stored and sent as it is. */
export interface KernelPlan {
  readonly buffers: readonly PlannedBuffer[];
  readonly passes: readonly PlannedPass[];
  /** What was made by `input()`, in that order. */
  readonly inputs: readonly PlannedTensor[];
  /** What the planned function returned. */
  readonly results: readonly PlannedTensor[];
  /** Features that the device needs for these shaders. */
  readonly features: readonly string[];
}

/**
 * The device that the planned function sees: it runs nothing. What its `tensor()` makes, as offsets or tables, is a constant of the
 * plan; what `empty()` makes is temporary.
 */
export interface PlanningDevice extends TensorDevice {
  /** A tensor that whoever runs the plan fills. */
  input<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>>;
}

const FEATURES: Readonly<Record<WgslExtension, string>> = {
  f16: 'shader-f16',
  subgroups: 'subgroups',
  chromium_experimental_subgroup_matrix: 'chromium-experimental-subgroup-matrix',
};

/**
 * Plans what `fn` does with a device of these capabilities: the kernels that its operations would choose there, with every option
 * that they have (`kernel` and `config` among them), as data. No device is needed, and nothing is run.
 *
 * @param target capabilities; or a device, whose tuned records then choose as they do when it runs
 * @example
 * const plan = await planKernels(capabilities, (device) =>
 *   matmul(device.input([512, 256], 'f16'), device.input([256, 1024], 'f16'), { activation: 'gelu' }));
 * @throws what the operations throw; ArgumentError where `fn` returns no tensor, or one that has gaps, or waits.
 */
export async function planKernels(
  target: Capabilities | GpuDevice,
  fn: (device: PlanningDevice) => Tensor | readonly Tensor[],
): Promise<KernelPlan> {
  const device = (target as Partial<GpuDevice> | undefined)?.capabilities ? (target as GpuDevice) : undefined;
  const capabilities = device?.capabilities ?? (target as Capabilities);
  // A GPUDevice has limits and features too.
  if (!Array.isArray((capabilities as Partial<Capabilities> | undefined)?.subgroupMatrixConfigs))
    refuse('planKernels', 'target', 'what capabilitiesOf() gives, or a device of this library', target);
  checkFunction('planKernels', fn);
  await Promise.all([loadFloat16(), loadFor(capabilities)]);
  const recorder = new KernelRecorder(capabilities);
  if (device) shareRecords(device, recorder);
  return recorder.plan(fn);
}

/**
 * What kernels may rely on, read off a GPUDevice, or a GPUAdapter if the device is to have all of its features and limits.
 *
 * @param options `boundsChecked`: whether the driver checks shaders' accesses against their buffers, as browsers do;
 *   `wgslFeatures`: `navigator.gpu.wgslLanguageFeatures`
 * @throws ArgumentError for what is neither
 */
export function capabilitiesOf(
  source: DeviceDescription & {
    readonly info?: GPUAdapterInfo;
    readonly adapterInfo?: GPUAdapterInfo;
  },
  {
    boundsChecked = true,
    wgslFeatures = [],
  }: { readonly boundsChecked?: boolean; readonly wgslFeatures?: Iterable<string> } = {},
): Capabilities {
  if (typeof (source as Partial<GPUDevice> | undefined)?.features?.has !== 'function')
    refuse('capabilitiesOf', 'source', 'a GPUDevice or a GPUAdapter', source);
  return describeCapabilities(source, source.info ?? source.adapterInfo, { boundsChecked, wgslFeatures });
}

/** A buffer of the plan, which tensors share by reference. */
class PlannedStorage implements TensorStorage {
  constructor(
    readonly index: number,
    readonly buffer: PlannedBuffer,
  ) {}
  retain(): void {}
  release(): void {}
}

const indexOf = (tensor: Tensor): number => (tensor.storage as PlannedStorage).index;

/** Stands where a GPU would: operations check, choose and plan as ever, and their passes are kept. */
class KernelRecorder implements PlanRunner<Plan>, PlanningDevice {
  readonly backend = 'webgpu';
  readonly #buffers: PlannedBuffer[] = [];
  readonly #passes: (Omit<PlannedPass, 'code'> & { readonly shader: ShaderSource })[] = [];
  readonly #inputs: PlannedTensor[] = [];
  readonly #features = new Set<string>();

  constructor(readonly capabilities: Capabilities) {}

  async plan(fn: (device: PlanningDevice) => Tensor | readonly Tensor[]): Promise<KernelPlan> {
    const returned: unknown = fn(this);
    if (returned instanceof Promise) {
      // This error stands for whatever else went wrong in it.
      returned.catch(() => undefined);
      throw new ArgumentError('planKernels() takes a function that does not wait');
    }
    const results = Array.isArray(returned) ? (returned as readonly Tensor[]) : [returned as Tensor];
    return {
      buffers: this.#buffers,
      passes: await Promise.all(
        this.#passes.map(async ({ shader, ...pass }) => ({
          ...pass,
          code: (await composeShader(shader)).code,
        })),
      ),
      inputs: this.#inputs,
      results: results.map((result) => this.#resultOf(result)),
      features: [...this.#features],
    };
  }

  input<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const tensor = this.#add('input', this.#checked(shape, dtype));
    this.#inputs.push({ shape: tensor.shape, dtype: tensor.dtype, buffer: indexOf(tensor) });
    return tensor as Tensor<D>;
  }

  tensor<D extends DType = 'f32'>(data: TensorData, shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const spec = this.#checked(shape, dtype);
    checkDataLength(data, shape);
    return this.#add('constant', spec, encodeElements(data, spec.dtype)) as Tensor<D>;
  }

  empty<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    return this.#add('temporary', this.#checked(shape, dtype)) as Tensor<D>;
  }

  prepare(plan: Plan): Plan {
    return plan;
  }

  /** Nothing is compiled here. */
  refusal(): undefined {}

  run(plan: Plan, inputs: readonly Tensor[], outputs: readonly TensorSpec[]): Tensor[] {
    const results = outputs.map((spec) => this.#add('temporary', this.#checked(spec.shape, spec.dtype)));
    this.encode(plan, inputs, results);
    return results;
  }

  encode({ passes, scratchBytes }: Plan, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const indices = {
      input: inputs.map(indexOf),
      output: outputs.map(indexOf),
      scratch: scratchBytes.map((sizeBytes) => this.#addBuffer({ kind: 'temporary', sizeBytes })),
    };
    for (const { label, shader, params, bindings, workgroups } of passes) {
      for (const extension of shader.extensions ?? []) this.#features.add(FEATURES[extension]);
      const numbers = bindingNumbers(bindings);
      this.#passes.push({
        label,
        shader,
        entryPoint: 'main',
        params: packParams(params),
        bindings: bindings.map(({ role, index, access, window }, at) => ({
          binding: numbers[at]!,
          buffer: indices[role][index]!,
          access,
          ...(window && { window }),
        })),
        workgroups,
      });
    }
  }

  readStorage(): never {
    throw new ArgumentError('a planned tensor has no content: planKernels() runs nothing');
  }

  writeStorage(): never {
    throw new ArgumentError('a planned tensor cannot be written: make it by tensor(), or as an input()');
  }

  storageBuffer(): never {
    throw new ArgumentError('a planned tensor has no GPU buffer: planKernels() makes none');
  }

  shareBuffer(a: Tensor, b: Tensor): boolean {
    return a.storage === b.storage;
  }

  #resultOf(tensor: unknown): PlannedTensor {
    if (!(tensor instanceof Tensor) || tensor.device !== this)
      throw new ArgumentError(
        'planKernels() takes a function that returns what operations made of its device',
      );
    if (tensor.view) throw new ArgumentError('a result must have no gaps: take contiguous() of a view');
    return { shape: tensor.shape, dtype: tensor.dtype, buffer: indexOf(tensor) };
  }

  #checked(shape: Shape, dtype: DType = 'f32'): TensorSpec {
    return checkTensorSpec(shape, dtype, this.capabilities);
  }

  #add(kind: PlannedBuffer['kind'], spec: TensorSpec, data?: Uint8Array<ArrayBuffer>): Tensor {
    const buffer = { kind, sizeBytes: Math.max(4, storageSizeBytes(spec)), ...(data && { data }) };
    return new Tensor(this, spec.shape, spec.dtype, new PlannedStorage(this.#addBuffer(buffer), buffer));
  }

  #addBuffer(buffer: PlannedBuffer): number {
    return this.#buffers.push(buffer) - 1;
  }
}
