import type * as TensorFlowWebGpu from '@tensorflow/tfjs-backend-webgpu';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { openLikeABrowser } from './dawn.ts';
import { importPackage, installedVersion } from './packages.ts';
import { make, NotOffered, type Makers, type OpenPeer, type Prepared, type ShapedFunction } from './peer.ts';
import type { AttentionTask, MatmulTask, ReductionTask } from './task.ts';

type Tensor = TensorFlow.Tensor;

const INSTALL = 'npm install --no-save @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0';
const CORE = { name: '@tensorflow/tfjs-core', install: INSTALL };
const BACKEND = { name: '@tensorflow/tfjs-backend-webgpu', install: INSTALL };

/** TensorFlow.js on its WebGPU backend. It has no half precision. */
export const openTfjs: OpenPeer = async (settings) => {
  const { gpuDevice, name, throwReported } = await openLikeABrowser(settings);
  const tf = await importPackage<typeof TensorFlow>(CORE);
  const { WebGPUBackend } = await importPackage<typeof TensorFlowWebGpu>(BACKEND);
  const backend = new WebGPUBackend(gpuDevice, gpuDevice.adapterInfo);
  // The package has registered a backend that would open a device of its own.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');
  // Otherwise operations on few elements run on the CPU.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  const functions = functionsOf(tf);
  return {
    version: installedVersion(BACKEND),
    device: name,
    prepare(task, operands) {
      if (task.dtype === 'f16') throw new NotOffered('no f16');
      const made = make(functions, task);
      const uploaded = operands.map(({ values }, index) => tf.tensor(values, [...made.shapes[index]!]));
      const inputs = made.arrange?.(uploaded) ?? uploaded;
      return prepared(tf, backend, gpuDevice, throwReported, inputs, made);
    },
  };
};

function prepared(
  tf: typeof TensorFlow,
  backend: TensorFlowWebGpu.WebGPUBackend,
  gpuDevice: GPUDevice,
  throwReported: () => void,
  inputs: readonly Tensor[],
  { run, dispose }: ShapedFunction<Tensor>,
): Prepared {
  let last: Tensor | undefined;
  return {
    start(repeats) {
      for (let i = 0; i < repeats; i++) {
        last?.dispose();
        last = tf.tidy(() => run(...inputs));
      }
      return repeats;
    },
    async finish() {
      // Up to 15 dispatches wait in an open pass; this is what a read would do with them.
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
      await gpuDevice.queue.onSubmittedWorkDone();
      throwReported();
    },
    async read() {
      const values = await last!.data();
      throwReported();
      return values;
    },
    dispose() {
      for (const tensor of [...inputs, ...(last ? [last] : [])]) tensor.dispose();
      dispose?.();
    },
  };
}

function functionsOf(tf: typeof TensorFlow): Makers<ShapedFunction<Tensor>> {
  const reduction =
    (reduce: (x: Tensor, axes: number[]) => Tensor) =>
    ({ rows, columns, axes }: ReductionTask): ShapedFunction<Tensor> => ({
      shapes: [[rows, columns]],
      run: (x) => reduce(x, [...axes]),
    });
  return {
    matmul: (task) => matmul(tf, task),
    // Along the last axis alone; along another its own advice is to transpose, which it does itself for reductions.
    softmax: ({ rows, columns, axis }) => ({
      shapes: [[rows, columns]],
      run: (x) => (axis === 1 ? tf.softmax(x) : tf.transpose(tf.softmax(tf.transpose(x)))),
    }),
    sum: reduction((x, axes) => tf.sum(x, axes)),
    mean: reduction((x, axes) => tf.mean(x, axes)),
    max: reduction((x, axes) => tf.max(x, axes)),
    argmax: ({ rows, columns, axis }) => ({ shapes: [[rows, columns]], run: (x) => tf.argMax(x, axis) }),
    topK: ({ rows, columns, count }) => ({
      shapes: [[rows, columns]],
      run: (x) => tf.topk(x, count).values,
    }),
    cumsum: ({ rows, columns, axis }) => ({ shapes: [[rows, columns]], run: (x) => tf.cumsum(x, axis) }),
    rmsNorm: ({ rows, columns, epsilon }) => ({
      shapes: [[rows, columns], [columns]],
      run: (x, scale) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), epsilon))), scale),
    }),
    layerNorm: ({ rows, columns, epsilon }) => ({
      shapes: [[rows, columns], [columns], [columns]],
      run(x, scale, bias) {
        const { mean, variance } = tf.moments(x, 1, true);
        return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), bias);
      },
    }),
    attention: (task) => attention(tf, task),
  };
}

function matmul(tf: typeof TensorFlow, { m, n, k, transposeB }: MatmulTask): ShapedFunction<Tensor> {
  const shapes = [[m, k], transposeB ? [n, k] : [k, n]];
  // For few results of long sums 4.22.0 takes a kernel that reads a transposed b as if it were not: its split-K program,
  // for up to 32 tiles of 32 x 32. The result is wrong; b is then transposed beforehand, as a user would have to do.
  const misread = transposeB && k >= 2000 && Math.ceil(m / 32) * Math.ceil(n / 32) <= 32;
  if (!misread) return { shapes, run: (a, b) => tf.matMul(a, b, false, transposeB) };
  return {
    shapes,
    arrange: ([a, b]) => [a!, tf.transpose(b!)],
    run: (a, b) => tf.matMul(a, b),
  };
}

/**
 * Composed, since there is no fused attention: the query heads that share keys are stacked, so that neither keys nor values
 * have to be repeated.
 */
function attention(tf: typeof TensorFlow, task: AttentionTask): ShapedFunction<Tensor> {
  const { heads, kvHeads, seqLenQ, seqLenKv, headDim, scale, causal } = task;
  const sharing = heads / kvHeads;
  const mask = causal ? causalMask(tf, seqLenQ, seqLenKv) : undefined;
  return {
    shapes: [
      [kvHeads, sharing * seqLenQ, headDim],
      [kvHeads, seqLenKv, headDim],
      [kvHeads, seqLenKv, headDim],
    ],
    run(q, k, v) {
      const scores = tf.mul(tf.matMul(q, k, false, true), scale);
      const masked = mask ? tf.add(tf.reshape(scores, [heads, seqLenQ, seqLenKv]), mask) : scores;
      const weights = tf.reshape(tf.softmax(masked), [kvHeads, sharing * seqLenQ, seqLenKv]);
      return tf.matMul(weights, v);
    },
    dispose: () => mask?.dispose(),
  };
}

/** 0 where a query sees a key, else a score whose weight is 0. */
function causalMask(tf: typeof TensorFlow, seqLenQ: number, seqLenKv: number): Tensor {
  const values = Float32Array.from({ length: seqLenQ * seqLenKv }, (_, index) =>
    index % seqLenKv > Math.floor(index / seqLenKv) ? -1e30 : 0,
  );
  return tf.tensor(values, [seqLenQ, seqLenKv]);
}
