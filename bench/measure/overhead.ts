// What the library itself costs on the host: measured on a device of Dawn's null backend, which accepts all work and does none.
import { create } from 'webgpu';
import {
  attention,
  attentionWithCache,
  KeyValueCache,
  matmul,
  openDevice,
  rmsNorm,
  rotary,
  softmax,
  sum,
  writeCache,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { elementCount } from '../../src/tensor.ts';

/** A part of the library's work, run `operations` times by one call. */
export interface OverheadCase {
  readonly name: string;
  /** What one call does so many of. */
  readonly operations: number;
  /** Microseconds that each should stay below, where there is a target. */
  readonly targetMicroseconds: number | undefined;
  readonly run: () => void;
}

/** Microseconds to record an operation: raw Dawn takes 10 to 14 for a dispatch with a bind group of its own. */
export const RECORDING_TARGET = 15;
/** Raw Dawn takes 2.3 for a pipeline, a bind group and a dispatch in an open pass. */
const REPLAY_TARGET = 3;

/** A device whose GPU takes no time; it must not outlive `gpu`. */
export async function openNullDevice(): Promise<{ readonly gpu: GPU; readonly device: GpuDevice }> {
  const gpu = create(['backend=null']);
  const adapter = (await gpu.requestAdapter())!;
  const { maxStorageBuffersPerShaderStage, maxDynamicStorageBuffersPerPipelineLayout } = adapter.limits;
  const own = await adapter.requestDevice({
    requiredLimits: { maxStorageBuffersPerShaderStage, maxDynamicStorageBuffersPerPipelineLayout },
  });
  return { gpu, device: await openDevice({ gpuDevice: own }) };
}

const CALLS = 256;

/** The cases, compiled and ready to be run any number of times. */
export async function overheadCases(device: GpuDevice): Promise<OverheadCase[]> {
  const x = zeros(device, 64, 64);
  const [q, k] = [zeros(device, 1, 8, 1, 64), zeros(device, 1, 8, 64, 64)];
  const cache = new KeyValueCache(device, { batch: 1, kvHeads: 8, headDim: 64, capacity: 64 });
  const lengths = device.tensor([64], [1], 'u32');
  const recorded = (name: string, op: () => Tensor): OverheadCase => ({
    name: `${name} recorded`,
    operations: CALLS,
    targetMicroseconds: RECORDING_TARGET,
    run: () => {
      for (let i = 0; i < CALLS; i++) op().dispose();
    },
  });
  const chain = device.capture(() => {
    let y = softmax(x);
    for (let i = 1; i < CALLS; i++) y = replaced(y, softmax(y));
    return y;
  });
  const step = decodeStep(device);
  const layer = device.capture(() => step());
  for (const graph of [chain, layer]) await graph.ready();
  const cases: OverheadCase[] = [
    recorded('matmul', () => matmul(x, x)),
    recorded('softmax', () => softmax(x)),
    recorded('rmsNorm', () => rmsNorm(x)),
    recorded('sum', () => sum(x)),
    recorded('attention of one query', () => attention(q, k, k)),
    recorded('attention of one query with a cache', () =>
      attentionWithCache(q, cache, { lengths, causal: true }),
    ),
    {
      name: `dispatch of a captured graph of ${chain.dispatchCount} replayed`,
      operations: chain.dispatchCount,
      targetMicroseconds: REPLAY_TARGET,
      run: () => chain.replay(),
    },
    {
      name: `decode step of a Llama-type layer, ${layer.dispatchCount} dispatches, captured`,
      operations: 16,
      targetMicroseconds: REPLAY_TARGET * layer.dispatchCount,
      run: () => {
        for (let i = 0; i < 16; i++) layer.replay();
      },
    },
    {
      name: 'the same without capture',
      operations: 16,
      targetMicroseconds: RECORDING_TARGET * layer.dispatchCount,
      run: () => {
        for (let i = 0; i < 16; i++) step().dispose();
      },
    },
  ];
  for (const { run } of cases) run();
  await device.finished();
  return cases;
}

function zeros(device: GpuDevice, ...shape: number[]): Tensor<'f32'> {
  return device.tensor(new Float32Array(elementCount(shape)), shape);
}

function replaced<T extends Tensor>(old: T, next: T): T {
  old.dispose();
  return next;
}

/** One token through a layer with grouped-query attention, a cache and a gated feed-forward part. */
function decodeStep(device: GpuDevice): () => Tensor {
  const [heads, kvHeads, headDim, feedForward] = [8, 2, 32, 512];
  const hidden = heads * headDim;
  const rows = heads + 2 * kvHeads;
  const cache = new KeyValueCache(device, { batch: 1, kvHeads, headDim, capacity: 128 });
  const tables = { cos: zeros(device, 128, headDim / 2), sin: zeros(device, 128, headDim / 2) };
  const [positions, lengths] = [device.tensor([3], [1], 'u32'), device.tensor([4], [1], 'u32')];
  const x = zeros(device, 1, hidden);
  const scale = zeros(device, hidden);
  const qkvWeights = zeros(device, rows * headDim, hidden);
  const outputWeights = zeros(device, hidden, hidden);
  const gateAndUp = zeros(device, 2 * feedForward, hidden);
  const down = zeros(device, hidden, feedForward);
  const layout = 'bshd';
  return () => {
    const made: Tensor[] = [];
    const keep = <T extends Tensor>(tensor: T): T => {
      made.push(tensor);
      return tensor;
    };
    const normed = keep(rmsNorm(x, { scale }));
    const qkv = keep(keep(matmul(normed, qkvWeights, { transposeB: true })).reshape([1, 1, rows, headDim]));
    const part = (from: number, to: number): Tensor<'f32'> => keep(qkv.slice(2, from, to));
    const [queries, keys, values] = [
      part(0, heads),
      part(heads, heads + kvHeads),
      part(heads + kvHeads, rows),
    ];
    writeCache(cache, keys, values, { positions, rotary: tables, layout });
    const rotated = keep(rotary(queries, tables, { positions, layout }));
    const seen = keep(attentionWithCache(rotated, cache, { lengths, causal: true, layout }));
    const rowsOfHeads = keep(seen.reshape([1, hidden]));
    const attended = keep(matmul(rowsOfHeads, outputWeights, { transposeB: true, residual: x }));
    const again = keep(rmsNorm(attended, { scale }));
    const inner = keep(matmul(again, gateAndUp, { transposeB: true, gated: true, activation: 'silu' }));
    const result = matmul(inner, down, { transposeB: true, residual: attended });
    for (const tensor of made) tensor.dispose();
    return result;
  };
}
