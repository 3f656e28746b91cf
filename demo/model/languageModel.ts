import {
  contiguous,
  KeyValueCache,
  matmul,
  sample,
  softmax,
  type Device,
  type DispatchProfile,
  type Tensor,
} from 'tilewise';
import { formatBytes } from '../format.ts';
import type { Architecture, Observe } from './architecture.ts';
import { inferConfig, readConfig, type ModelConfig } from './config.ts';
import { gpt2Specs, loadGpt2 } from './gpt2.ts';
import { llamaSpecs, loadLlama } from './llama.ts';
import { ModelError } from './modelError.ts';
import { scoped } from './scope.ts';
import { readSafetensors, storedTypeOf, type StoredTensor, type StoredType } from './safetensors.ts';
import { commonType, heldAs, Weights, type ModelSpecs, type WeightSpec } from './weights.ts';

/** A model that has not been uploaded yet: what is known from the files' headers. */
export interface ModelFiles {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** How the next token is chosen from the logits. */
export type Choice =
  | { readonly kind: 'greedy' }
  | {
      readonly kind: 'sampled';
      readonly temperature: number;
      readonly topK: number;
      readonly topP: number;
      readonly seed: number;
    };

export interface GenerateOptions {
  /** Tokens of the prompt, at least one. */
  readonly prompt: readonly number[];
  /** Tokens to make at most. */
  readonly count: number;
  readonly choice: Choice;
  readonly signal?: AbortSignal | undefined;
}

/** Keys of a sequence that there is memory for, however long the model's context is. */
const MAX_CAPACITY = 1024;

/**
 * Reads the headers of a model's files. Weights in several files count as one.
 *
 * @param config the content of config.json; GPT-2 can do without
 * @throws ModelError for files that are damaged or do not fit each other, before anything is uploaded
 */
export async function openModelFiles(
  files: readonly { readonly name: string; readonly data: Blob }[],
  config?: string,
): Promise<ModelFiles> {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, data } of files) {
    for (const [key, tensor] of await readSafetensors(data, name)) tensors.set(key, tensor);
  }
  return { config: config === undefined ? inferConfig(tensors) : readConfig(config), tensors };
}

/** Bytes on the device: of the weights, of the cache, and of the largest tensor. */
export interface Memory {
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly largestBytes: number;
}

/**
 * What a model will take on a device.
 *
 * @throws ModelError for tensors that are missing, of the wrong shape or of a type that is not supported, and where one is larger
 *   than the device binds
 */
export function estimateMemory(device: Device, { config, tensors }: ModelFiles): Memory {
  const weights = new Weights(device, tensors, prefixOf(config));
  const typeOf = (spec: WeightSpec): StoredType => storedTypeOf(weights.find(spec), spec.name);
  const specs = specsOf(config);
  for (const spec of specs.host) typeOf(spec);
  const sizes = specs.device.map((together) => {
    const stored = commonType(together.map(typeOf));
    return together.reduce((total, spec) => total + heldBytes(device, spec, stored), 0);
  });
  const largestBytes = Math.max(...sizes);
  const most = Math.min(
    device.capabilities.limits.maxStorageBufferBindingSize,
    device.capabilities.limits.maxBufferSize,
  );
  if (largestBytes > most) {
    throw new ModelError(
      `One tensor of this model takes ${formatBytes(largestBytes)}, and this adapter binds at most ${formatBytes(most)} at once.`,
    );
  }
  return {
    weightBytes: sizes.reduce((total, bytes) => total + bytes, 0),
    cacheBytes: 2 * 4 * config.layers * config.kvHeads * config.headDim * capacityOf(config),
    largestBytes,
  };
}

function heldBytes(device: Device, { shape }: WeightSpec, stored: StoredType): number {
  const elements = shape.reduce((product, axis) => product * axis, 1);
  return elements * (shape.length === 1 || heldAs(stored, device) === 'f32' ? 4 : 2);
}

const prefixOf = ({ kind }: ModelConfig): string => (kind === 'gpt2' ? 'transformer.' : 'model.');
const specsOf = (config: ModelConfig): ModelSpecs =>
  config.kind === 'gpt2' ? gpt2Specs(config) : llamaSpecs(config);
const capacityOf = ({ context }: ModelConfig): number => Math.min(context, MAX_CAPACITY);

/** A GPT-2 or Llama-type model on a device: prompts in one pass, then token by token through a captured graph. */
export class LanguageModel implements Disposable {
  readonly config: ModelConfig;
  /** Tokens of prompt and text together. */
  readonly capacity: number;
  readonly #device: Device;
  readonly #weights: Weights;
  readonly #architecture: Architecture;
  readonly #caches: readonly KeyValueCache[];
  readonly #x: Tensor<'f32'>;
  readonly #position: Tensor<'u32'>;
  readonly #length: Tensor<'u32'>;
  /** One token's way to the logits of the next. */
  readonly #step: { readonly result: Tensor<'f32'>; replay(): void; dispose(): void };

  private constructor(device: Device, weights: Weights, architecture: Architecture) {
    const { config } = architecture;
    this.config = config;
    this.capacity = capacityOf(config);
    this.#device = device;
    this.#weights = weights;
    this.#architecture = architecture;
    this.#caches = Array.from(
      { length: config.layers },
      () =>
        new KeyValueCache(device, {
          batch: 1,
          capacity: this.capacity,
          kvHeads: config.kvHeads,
          headDim: config.headDim,
        }),
    );
    this.#x = device.tensor(new Float32Array(config.dim), [1, config.dim]);
    this.#position = device.tensor([0], [1], 'u32');
    this.#length = device.tensor([1], [1], 'u32');
    this.#step = device.capture(() =>
      this.#forward(this.#x, { positions: this.#position, lengths: this.#length }),
    );
  }

  /** @throws ModelError as `estimateMemory` does. */
  static async load(
    device: Device,
    files: ModelFiles,
    onProgress: (done: number) => void = () => undefined,
  ): Promise<LanguageModel> {
    estimateMemory(device, files);
    const { config, tensors } = files;
    const weights = new Weights(device, tensors, prefixOf(config));
    try {
      const architecture =
        config.kind === 'gpt2'
          ? await loadGpt2(weights, config, onProgress)
          : await loadLlama(weights, config, capacityOf(config), onProgress);
      return new LanguageModel(device, weights, architecture);
    } catch (error) {
      weights.dispose();
      throw error;
    }
  }

  /**
   * Takes a text in, in one pass. Returns the logits [1, vocabulary] of the token behind it.
   *
   * @param tokens from one to `capacity` of them
   */
  prefill(tokens: readonly number[], observe?: Observe): Tensor<'f32'> {
    const x = this.#device.tensor(this.#architecture.embed(tokens, 0), [tokens.length, this.config.dim]);
    try {
      return this.#forward(x, { positions: [0], lengths: [tokens.length] }, observe);
    } finally {
      x.dispose();
    }
  }

  /**
   * Makes tokens, until there are enough, one ends the text, there is no more room, or the signal is given.
   *
   * @throws ModelError for a prompt that is empty or leaves no room.
   */
  async *generate({
    prompt,
    count,
    choice,
    signal,
  }: GenerateOptions): AsyncGenerator<number, void, undefined> {
    if (prompt.length === 0) throw new ModelError('The prompt is empty: give at least a word.');
    if (prompt.length >= this.capacity) {
      throw new ModelError(
        `The prompt has ${prompt.length} tokens, and the model's context here is ${this.capacity}.`,
      );
    }
    const first = this.prefill(prompt);
    let next = await this.#choose(first, choice, 0);
    first.dispose();
    const most = Math.min(count, this.capacity - prompt.length);
    for (let made = 0; made < most; made++) {
      if (signal?.aborted) return;
      if (this.config.endTokens.includes(next)) return;
      yield next;
      if (made + 1 === most) return;
      this.#decode(next, prompt.length + made);
      next = await this.#choose(this.#step.result, choice, made + 1);
    }
  }

  /** GPU time of each dispatch of one token's step, which is made once more at the end of a text of `length` tokens. */
  async profileStep(length: number): Promise<DispatchProfile[] | undefined> {
    const device = this.#device;
    if (device.backend !== 'webgpu' || !device.capabilities.timestampQuery) return undefined;
    this.#place(Math.min(length, this.capacity) - 1);
    // Not the graph, whose work is one pass.
    return device.profile(() =>
      this.#forward(this.#x, { positions: this.#position, lengths: this.#length }).dispose(),
    );
  }

  /**
   * How much each token of a text looks at each before it: for each layer [heads, tokens, tokens], of which each row adds up
   * to 1. The text goes through the model once more.
   */
  async attentionMaps(tokens: readonly number[]): Promise<Float32Array[]> {
    const { heads, kvHeads, headDim } = this.config;
    const count = tokens.length;
    const hidden = Float32Array.from({ length: count * count }, (_, i) =>
      i % count > Math.floor(i / count) ? -1e30 : 0,
    );
    const mask = this.#device.tensor(hidden, [count, count]);
    const maps: Tensor<'f32'>[] = [];
    // Each head of keys serves a group of heads of queries, over which it broadcasts.
    const group = heads / kvHeads;
    const observe: Observe = (_, q, k) => {
      maps.push(
        scoped((keep) => {
          const rows = (x: Tensor<'f32'>, axes: readonly number[]): Tensor<'f32'> =>
            keep(keep(contiguous(keep(x.transpose(1, 2)))).reshape([...axes, count, headDim]));
          const scores = keep(
            matmul(rows(q, [kvHeads, group]), rows(k, [kvHeads, 1]), {
              transposeB: true,
              alpha: 1 / Math.sqrt(headDim),
              c: mask,
            }),
          );
          return softmax(scores);
        }),
      );
    };
    try {
      this.prefill(tokens, observe).dispose();
      return await Promise.all(maps.map((map) => map.read()));
    } finally {
      mask.dispose();
      for (const map of maps) map.dispose();
    }
  }

  #decode(token: number, position: number): void {
    this.#x.write(this.#architecture.embed([token], position));
    this.#place(position);
    this.#step.replay();
  }

  #place(position: number): void {
    this.#position.write([position]);
    this.#length.write([position + 1]);
  }

  #forward(
    input: Tensor<'f32'>,
    place: Parameters<Architecture['layer']>[3],
    observe?: Observe,
  ): Tensor<'f32'> {
    return scoped((keep) => {
      let x = input;
      for (const [index, cache] of this.#caches.entries()) {
        x = keep(this.#architecture.layer(index, x, cache, place, observe));
      }
      return this.#architecture.logits(x);
    });
  }

  async #choose(logits: Tensor<'f32'>, choice: Choice, step: number): Promise<number> {
    const { vocabulary } = this.config;
    const options =
      choice.kind === 'greedy'
        ? { temperature: 0 }
        : {
            temperature: choice.temperature,
            topK: Math.min(choice.topK, vocabulary),
            topP: choice.topP,
            seed: choice.seed,
            step,
          };
    const token = sample(logits, options);
    try {
      const [chosen] = await token.read();
      if (chosen! < vocabulary) return chosen!;
      throw new ModelError('The model gives no numbers: its weights may be damaged.');
    } finally {
      token.dispose();
    }
  }

  dispose(): void {
    this.#step.dispose();
    this.#step.result.dispose();
    for (const cache of this.#caches) cache.dispose();
    for (const tensor of [this.#x, this.#position, this.#length]) tensor.dispose();
    this.#weights.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
