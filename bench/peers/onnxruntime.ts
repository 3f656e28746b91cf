import type * as Onnxruntime from 'onnxruntime-common';
import { dtypeSizeBytes, elementCount, decodeElements } from '../../src/tensor.ts';
import { openLikeABrowser } from './dawn.ts';
import { encodeModel, type OnnxGraph, type OnnxValue } from './onnxModel.ts';
import { importPackage, installedVersion } from './packages.ts';
import { ONNX_TASKS, type Made, type OperandValue } from './onnxTasks.ts';
import { make, NotOffered, type OpenPeer, type PeerOperand, type Prepared } from './peer.ts';
import type { TaskDType } from './task.ts';

type Tensor = Onnxruntime.Tensor;
type InferenceSession = Onnxruntime.InferenceSession;

const PACKAGE = {
  name: 'onnxruntime-node',
  // Its install script would fetch the CUDA provider, of several hundred MB.
  install: 'npm install --no-save --ignore-scripts onnxruntime-node@1.30.0',
};

/** Nodes in the graph that is run when many runs are asked for: what a session costs is then shared by them. */
const NODES_PER_RUN = 16;

/** Results of such a graph are all alive at once: above this they take a graph of one node each. */
const MAX_RESULT_BYTES = 256 << 20;

/**
 * onnxruntime with its WebGPU provider. Operands and results stay in GPU buffers (io binding); a graph has one node, or
 * many equal ones that read the same operands.
 */
export const openOnnxruntime: OpenPeer = async (settings) => {
  if (settings.adapter !== undefined) {
    throw new Error('it takes the best adapter and cannot be told another; leave out --adapter');
  }
  // It brings a Dawn of its own, which finds the Vulkan loader because this one has loaded it.
  await openLikeABrowser(settings);
  const ort = await importPackage<typeof Onnxruntime>(PACKAGE);
  const runtime = new Runtime(ort, settings.checked);
  await runtime.finish();
  return {
    version: installedVersion(PACKAGE),
    async prepare(task, operands) {
      const made = make(ONNX_TASKS, task);
      const arranged = made.arrange(operands);
      const operandsOnGpu: Uploaded[] = [];
      for (const [index, value] of made.inputs.entries()) {
        operandsOnGpu.push(await runtime.upload(value, arranged[index]!));
      }
      return new PreparedGraph(runtime, made, operandsOnGpu);
    },
  };
};

/** Sessions on the GPU. */
class Runtime {
  readonly #ort: typeof Onnxruntime;
  readonly #checked: boolean;
  #fence: Promise<InferenceSession> | undefined;

  constructor(ort: typeof Onnxruntime, checked: boolean) {
    this.#ort = ort;
    this.#checked = checked;
  }

  /** @throws NotOffered for a graph that the provider does not run whole */
  async session(graph: OnnxGraph, outputs: 'gpu-buffer' | 'cpu'): Promise<InferenceSession> {
    try {
      return await this.#createSession(graph, outputs);
    } catch (error) {
      if (!String(error).includes('assigned to the default CPU EP')) throw error;
      throw new NotOffered('not on the GPU', { cause: error });
    }
  }

  #createSession(graph: OnnxGraph, outputs: 'gpu-buffer' | 'cpu'): Promise<InferenceSession> {
    return this.#ort.InferenceSession.create(encodeModel(graph), {
      executionProviders: ['webgpu'],
      preferredOutputLocation: outputs,
      // Equal nodes would be merged into one.
      graphOptimizationLevel: 'disabled',
      // Nothing runs on the CPU; its threads would spin while others are measured.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // Messages below errors are of the load, not of what is measured.
      logSeverityLevel: 3,
      extra: {
        // What the provider lacks would run on the CPU, without a word.
        session: { disable_cpu_ep_fallback: '1' },
        ep: {
          webgpuexecutionprovider: {
            // Positions are 64 bits long in ONNX.
            enableInt64: '1',
            ...(this.#checked && { enableRobustness: '1' }),
          },
        },
      },
    });
  }

  tensor(dtype: TaskDType, bytes: Uint8Array<ArrayBuffer>, shape: readonly number[]): Tensor {
    return dtype === 'f16'
      ? new this.#ort.Tensor('float16', new Uint16Array(bytes.buffer), shape)
      : new this.#ort.Tensor('float32', new Float32Array(bytes.buffer), shape);
  }

  /** An operand in a GPU buffer: the result of a graph that changes nothing or its order, whose session owns the buffer. */
  async upload(value: OperandValue, { dtype, bytes }: PeerOperand): Promise<Uploaded> {
    const given = { ...value, shape: value.transposed ? value.shape.toReversed() : value.shape };
    const session = await this.session(copying(given, value), 'gpu-buffer');
    const { out } = await session.run({ in: this.tensor(dtype, bytes, given.shape) });
    return { tensor: out as Tensor, session };
  }

  async download(value: OnnxValue, tensor: Tensor): Promise<Float32Array> {
    const dtype = value.dtype as TaskDType;
    const session = await this.session(copying(value, value), 'cpu');
    const { out } = await session.run({ in: tensor });
    await session.release();
    const { buffer, byteOffset, byteLength } = (out as Tensor).data as Uint16Array<ArrayBuffer>;
    return decodeElements(
      buffer.slice(byteOffset, byteOffset + byteLength),
      dtype,
      elementCount(value.shape),
    );
  }

  /** Reading anything back waits for all that came before it on the queue. */
  async finish(): Promise<void> {
    const value: OnnxValue = { name: 'in', dtype: 'f32', shape: [1] };
    this.#fence ??= this.session(copying(value, value), 'cpu');
    const session = await this.#fence;
    await session.run({ in: this.tensor('f32', new Uint8Array(4), [1]) });
  }
}

/** A tensor and the session that it must not outlive. */
interface Uploaded {
  readonly tensor: Tensor;
  readonly session: InferenceSession;
}

/** A graph from `in` to `out`, which may be the transpose. */
function copying(given: OnnxValue, wanted: OperandValue): OnnxGraph {
  return {
    nodes: [{ op: wanted.transposed ? 'Transpose' : 'Identity', inputs: ['in'], outputs: ['out'] }],
    inputs: [{ ...given, name: 'in' }],
    outputs: [{ ...wanted, name: 'out' }],
  };
}

class PreparedGraph implements Prepared {
  readonly #runtime: Runtime;
  readonly #made: Made;
  readonly #operands: readonly Uploaded[];
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #sessions = new Map<number, InferenceSession>();
  readonly #mostNodes: number;
  #results: readonly Tensor[] = [];

  constructor(runtime: Runtime, made: Made, operands: readonly Uploaded[]) {
    this.#runtime = runtime;
    this.#made = made;
    this.#operands = operands;
    this.#feeds = Object.fromEntries(made.inputs.map(({ name }, index) => [name, operands[index]!.tensor]));
    const { shape, dtype } = made.output;
    const resultBytes = elementCount(shape) * (dtype === 'i64' ? 8 : dtypeSizeBytes(dtype));
    this.#mostNodes = NODES_PER_RUN * resultBytes <= MAX_RESULT_BYTES ? NODES_PER_RUN : 1;
  }

  async start(repeats: number): Promise<number> {
    const nodes = repeats >= this.#mostNodes ? this.#mostNodes : 1;
    const calls = Math.ceil(repeats / nodes);
    const session = await this.#session(nodes);
    for (let call = 0; call < calls; call++) {
      this.#disposeResults();
      this.#results = Object.values<Tensor>((await session.run(this.#feeds)) as Record<string, Tensor>);
    }
    return calls * nodes;
  }

  finish(): Promise<void> {
    return this.#runtime.finish();
  }

  async read(): Promise<Float32Array> {
    if (this.#made.output.dtype === 'i64') return this.#runAndReadPositions();
    const value = { name: 'in', ...this.#made.output };
    return this.#made.restore(await this.#runtime.download(value, this.#results.at(-1)!));
  }

  /** Nothing on the GPU copies or converts integers of 64 bits, so they are those of one more run, which gives them to the CPU. */
  async #runAndReadPositions(): Promise<Float32Array> {
    const session = await this.#runtime.session(this.#graph(1), 'cpu');
    const [positions] = Object.values<Tensor>((await session.run(this.#feeds)) as Record<string, Tensor>);
    await session.release();
    return Float32Array.from(positions!.data as BigInt64Array, Number);
  }

  async dispose(): Promise<void> {
    this.#disposeResults();
    for (const session of this.#sessions.values()) await session.release();
    for (const { tensor, session } of this.#operands) {
      tensor.dispose();
      await session.release();
    }
  }

  #disposeResults(): void {
    for (const tensor of this.#results) tensor.dispose();
    this.#results = [];
  }

  async #session(nodes: number): Promise<InferenceSession> {
    const existing = this.#sessions.get(nodes);
    if (existing) return existing;
    const session = await this.#runtime.session(this.#graph(nodes), 'gpu-buffer');
    this.#sessions.set(nodes, session);
    return session;
  }

  #graph(nodes: number): OnnxGraph {
    const { inputs, output, constants = [], node } = this.#made;
    const results = Array.from({ length: nodes }, (_, index) => `result${index}`);
    return {
      inputs,
      constants,
      nodes: results.map(node),
      outputs: results.map((name) => ({ name, ...output })),
    };
  }
}
