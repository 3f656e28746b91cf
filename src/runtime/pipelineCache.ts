import type { TilewiseError } from '../errors.ts';
import { shaderKey, type ShaderSource } from '../wgsl/source.ts';
import { compilePipeline } from './compilePipeline.ts';
import { ShaderStage } from './gpuFlags.ts';
import { bindingNumbers, type Binding, type Pass } from './plan.ts';

/** What the bind groups of a pipeline look like; shared by all pipelines with the same sequence of numbers and accesses. */
export interface BindingLayout {
  /** Identifies the layout in the keys of bind groups. */
  readonly id: number;
  /** Numbers of the storage bindings in the shader. */
  readonly numbers: readonly number[];
  readonly bindGroup: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
  /** Whether a storage's place in its buffer is given with each dispatch, so that one bind group serves all its slots. */
  readonly dynamicOffsets: boolean;
}

/** A pipeline that is being compiled, is ready, or was refused. */
export interface PipelineEntry {
  readonly layout: BindingLayout;
  /** Resolves when compilation has ended, well or badly; never rejects. */
  readonly settled: Promise<void>;
  pipeline: GPUComputePipeline | undefined;
  error: TilewiseError | undefined;
}

/**
 * Shaders that are kept. A program has some hundreds at most, unless it makes up operators: then the one that was asked for longest ago is
 * forgotten, and its pipeline goes with the last plan or graph that has it.
 */
const MOST_ENTRIES = 2048;

/** Loads and compiles each distinct shader once, asynchronously: many pipelines compile at the same time. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #entries = new Map<string, PipelineEntry>();
  readonly #layouts = new Map<string, BindingLayout>();
  #refusedCount = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Number of shaders that are kept. */
  get size(): number {
    return this.#entries.size;
  }

  get(source: ShaderSource, bindings: readonly Binding[], label: string): PipelineEntry {
    const key = shaderKey(source);
    const existing = this.#entries.get(key);
    if (existing) {
      // Behind all others in the order of the map.
      this.#entries.delete(key);
      this.#entries.set(key, existing);
      return existing;
    }
    const layout = this.#layoutOf(bindings);
    const entry: PipelineEntry = {
      layout,
      settled: compilePipeline(this.#device, source, layout.pipeline, label).then(
        (pipeline) => {
          entry.pipeline = pipeline;
        },
        (error: TilewiseError) => {
          entry.error = error;
          this.#refusedCount++;
        },
      ),
      pipeline: undefined,
      error: undefined,
    };
    this.#entries.set(key, entry);
    if (this.#entries.size > MOST_ENTRIES) this.#forgetOne();
    return entry;
  }

  /** What was refused stays known: it would only be refused again. */
  #forgetOne(): void {
    for (const [key, { error }] of this.#entries) {
      if (error) continue;
      this.#entries.delete(key);
      return;
    }
  }

  /** Why the adapter has refused one of the passes' shaders, if it has. */
  refusal(passes: readonly Pass[]): string | undefined {
    if (this.#refusedCount === 0) return undefined;
    for (const { shader } of passes) {
      const error = this.#entries.get(shaderKey(shader))?.error;
      if (error) return error.message;
    }
    return undefined;
  }

  #layoutOf(bindings: readonly Binding[]): BindingLayout {
    const numbers = bindingNumbers(bindings);
    const key = bindings.map(({ access }, index) => `${numbers[index]} ${access}`).join();
    const existing = this.#layouts.get(key);
    if (existing) return existing;
    const dynamicOffsets = bindings.length <= this.#device.limits.maxDynamicStorageBuffersPerPipelineLayout;
    const bindGroup = this.#device.createBindGroupLayout({
      label: key,
      entries: [
        { binding: 0, visibility: ShaderStage.compute, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...bindings.map(({ access }, index) => ({
          binding: numbers[index]!,
          visibility: ShaderStage.compute,
          buffer: {
            type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const),
            hasDynamicOffset: dynamicOffsets,
          },
        })),
      ],
    });
    const pipeline = this.#device.createPipelineLayout({ bindGroupLayouts: [bindGroup] });
    const layout = { id: this.#layouts.size, numbers, bindGroup, pipeline, dynamicOffsets };
    this.#layouts.set(key, layout);
    return layout;
  }
}
