import type * as Onnxruntime from 'onnxruntime-common';
import { dtypeSizeBytes, elementCount, decodeElements } from '../../src/tensor.ts';
import { openLikeABrowser } from './dawn.ts';
import {
  encodeModel,
  type OnnxConstant,
  type OnnxGraph,
  type OnnxNode,
  type OnnxValue,
} from './onnxModel.ts';
import { importPackage, installedVersion } from './packages.ts';
import {
  make,
  NotOffered,
  swapFirstAxes,
  type Makers,
  type OpenPeer,
  type PeerOperand,
  type Prepared,
} from './peer.ts';
import type { AttentionTask, NormTask, ReductionTask, TaskDType } from './task.ts';

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
      const made = make(MAKERS, task);
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
        ...(this.#checked && { ep: { webgpuexecutionprovider: { enableRobustness: '1' } } }),
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
    const session = await this.session(copying(value, value), 'cpu');
    const { out } = await session.run({ in: tensor });
    await session.release();
    const { buffer, byteOffset, byteLength } = (out as Tensor).data as Uint16Array<ArrayBuffer>;
    const dtype = value.dtype as TaskDType;
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

/** An operand as a node takes it. */
interface OperandValue extends OnnxValue {
  /** The task has it transposed. */
  readonly transposed?: boolean;
}

/** How a task becomes a graph. */
interface Made {
  readonly inputs: readonly OperandValue[];
  readonly output: Omit<OnnxValue, 'name'>;
  readonly constants?: readonly OnnxConstant[];
  /** A node with this result; further results of it are called after it. */
  readonly node: (result: string) => OnnxNode;
  /** Operands as the node takes them. */
  readonly arrange: (operands: readonly PeerOperand[]) => readonly PeerOperand[];
  /** The result as the task has it. */
  readonly restore: (result: Float32Array) => Float32Array;
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
    const resultBytes = elementCount(shape) * dtypeSizeBytes(dtype as TaskDType);
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
    const value = { name: 'in', ...this.#made.output };
    return this.#made.restore(await this.#runtime.download(value, this.#results.at(-1)!));
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
    const { inputs, output, constants = [], node } = this.#made;
    const results = Array.from({ length: nodes }, (_, index) => `result${index}`);
    const graph = {
      inputs,
      constants,
      nodes: results.map(node),
      outputs: results.map((name) => ({ name, ...output })),
    };
    const session = await this.#runtime.session(graph, 'gpu-buffer');
    this.#sessions.set(nodes, session);
    return session;
  }
}

const AS_IT_IS: Pick<Made, 'arrange' | 'restore'> = {
  arrange: (operands) => operands,
  restore: (result) => result,
};

const REDUCTIONS = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax' } as const;

function reduction({ op, dtype, rows, columns, axes }: ReductionTask): Made {
  return {
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns].filter((_, axis) => !axes.includes(axis)) },
    constants: [{ name: 'axes', dtype: 'i64', values: axes }],
    node: (result) => ({
      op: REDUCTIONS[op],
      inputs: ['x', 'axes'],
      outputs: [result],
      ints: { keepdims: 0 },
    }),
  };
}

function norm({ op, dtype, rows, columns, epsilon }: NormTask): Made {
  const perColumn = op === 'layerNorm' ? ['scale', 'bias'] : ['scale'];
  return {
    ...AS_IT_IS,
    inputs: [
      { name: 'x', dtype, shape: [rows, columns] },
      ...perColumn.map((name) => ({ name, dtype, shape: [columns] })),
    ],
    output: { dtype, shape: [rows, columns] },
    node: (result) => ({
      // Its own name for what ONNX calls RMSNormalization from opset 23 on.
      op: op === 'layerNorm' ? 'LayerNormalization' : 'SimplifiedLayerNormalization',
      inputs: ['x', ...perColumn],
      outputs: [result],
      ints: { axis: 1 },
      floats: { epsilon },
    }),
  };
}

function attention(task: AttentionTask): Made {
  return task.causal ? groupQueryAttention(task) : multiHeadAttention(task);
}

/**
 * Attention without a mask: heads come after positions. It has as many heads of keys as of queries, so query heads that share keys
 * go as further queries of one head, which is the same where every query sees every key.
 */
function multiHeadAttention(task: AttentionTask): Made {
  const { dtype, heads, kvHeads, seqLenQ, seqLenKv, headDim, scale } = task;
  const queries = (heads / kvHeads) * seqLenQ;
  const shapeKv: readonly [number, number, number] = [kvHeads, seqLenKv, headDim];
  return {
    inputs: [
      { name: 'q', dtype, shape: [1, queries, kvHeads * headDim] },
      { name: 'k', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
      { name: 'v', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
    ],
    output: { dtype, shape: [1, queries, kvHeads * headDim] },
    node: (result) => ({
      op: 'MultiHeadAttention',
      domain: 'com.microsoft',
      inputs: ['q', 'k', 'v'],
      outputs: [result],
      ints: { num_heads: kvHeads },
      floats: { scale },
    }),
    arrange: ([q, k, v]) => [
      q!.swapped([kvHeads, queries, headDim]),
      k!.swapped(shapeKv),
      v!.swapped(shapeKv),
    ],
    restore: (result) => swapFirstAxes(result, [queries, kvHeads, headDim]),
  };
}

/** Grouped-query attention, which has no other mask than the causal one; heads come after positions. */
function groupQueryAttention(task: AttentionTask): Made {
  const { dtype, heads, kvHeads, seqLenQ, seqLenKv, headDim, scale } = task;
  if (seqLenQ !== seqLenKv) throw new NotOffered('no causal attention to other keys');
  const shapeQ: readonly [number, number, number] = [heads, seqLenQ, headDim];
  const shapeKv: readonly [number, number, number] = [kvHeads, seqLenKv, headDim];
  return {
    inputs: [
      { name: 'q', dtype, shape: [1, seqLenQ, heads * headDim] },
      { name: 'k', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
      { name: 'v', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
    ],
    output: { dtype, shape: [1, seqLenQ, heads * headDim] },
    constants: [
      { name: 'lastKey', dtype: 'i32', values: [seqLenKv - 1] },
      { name: 'keys', dtype: 'i32', values: [seqLenKv] },
    ],
    node: (result) => ({
      op: 'GroupQueryAttention',
      domain: 'com.microsoft',
      inputs: ['q', 'k', 'v', '', '', 'lastKey', 'keys'],
      outputs: [result, `${result}Keys`, `${result}Values`],
      ints: { num_heads: heads, kv_num_heads: kvHeads },
      floats: { scale },
    }),
    arrange: ([q, k, v]) => [q!.swapped(shapeQ), k!.swapped(shapeKv), v!.swapped(shapeKv)],
    restore: (result) => swapFirstAxes(result, [seqLenQ, heads, headDim]),
  };
}

const MAKERS: Makers<Made> = {
  matmul: ({ dtype, m, n, k, transposeB }) => ({
    ...AS_IT_IS,
    // Exporters transpose weights for MatMul once and for all. Gemm would take them as they are; it was slower at one row.
    inputs: [
      { name: 'a', dtype, shape: [m, k] },
      { name: 'b', dtype, shape: [k, n], transposed: transposeB },
    ],
    output: { dtype, shape: [m, n] },
    node: (result) => ({ op: 'MatMul', inputs: ['a', 'b'], outputs: [result] }),
  }),
  softmax: ({ dtype, rows, columns }) => ({
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns] },
    node: (result) => ({ op: 'Softmax', inputs: ['x'], outputs: [result], ints: { axis: 1 } }),
  }),
  cumsum: ({ dtype, rows, columns, axis }) => ({
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns] },
    constants: [{ name: 'axis', dtype: 'i64', values: [axis] }],
    node: (result) => ({ op: 'CumSum', inputs: ['x', 'axis'], outputs: [result] }),
  }),
  rmsNorm: norm,
  layerNorm: norm,
  sum: reduction,
  mean: reduction,
  max: reduction,
  attention,
};
