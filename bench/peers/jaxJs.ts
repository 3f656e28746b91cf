import type * as Jax from '@jax-js/jax';
import { define, openLikeABrowser } from './dawn.ts';
import { importPackage, installedVersion } from './packages.ts';
import {
  make,
  type Makers,
  type OpenPeer,
  type PeerOperand,
  type Prepared,
  type ShapedFunction,
} from './peer.ts';
import type { AttentionTask, ReductionTask } from './task.ts';

type JaxArray = Jax.Array;

const PACKAGE = { name: '@jax-js/jax', install: 'npm install --no-save @jax-js/jax@0.1.25' };

/** jax-js on its WebGPU backend: every task as a function that it compiles (`jit`). */
export const openJaxJs: OpenPeer = async (settings) => {
  const { gpuDevice, name, throwReported } = await openLikeABrowser(settings);
  const jax = await importPackage<typeof Jax>(PACKAGE);
  define('Float16Array', Halves);
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
  const functions = functionsOf(jax);
  return {
    version: installedVersion(PACKAGE),
    device: name,
    async prepare(task, operands) {
      const { shapes, run } = make(functions, task);
      const inputs = operands.map((operand, index) =>
        jax.numpy.array(elementsOf(operand), { shape: [...shapes[index]!] }),
      );
      await jax.blockUntilReady(inputs);
      throwReported();
      return prepared(jax, gpuDevice, throwReported, inputs, run);
    },
  };
};

type TypedArray = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** jax-js knows half precision by this type, which not every Node.js has, and takes its bytes. */
const Halves =
  (globalThis as { Float16Array?: new (buffer: ArrayBuffer) => TypedArray }).Float16Array ??
  class Float16Array extends Uint16Array<ArrayBuffer> {};

function elementsOf({ dtype, bytes }: PeerOperand): Float32Array<ArrayBuffer> {
  // Its types do not know half precision yet.
  return new (dtype === 'f16' ? Halves : Float32Array)(bytes.buffer) as Float32Array<ArrayBuffer>;
}

function prepared(
  jax: typeof Jax,
  gpuDevice: GPUDevice,
  throwReported: () => void,
  inputs: readonly JaxArray[],
  run: (...operands: JaxArray[]) => JaxArray,
): Prepared {
  const compiled = jax.jit(run);
  let last: JaxArray | undefined;
  return {
    async start(repeats) {
      for (let i = 0; i < repeats; i++) {
        last?.dispose();
        // A function consumes a reference to each of its arguments.
        last = compiled(...inputs.map((input) => input.ref));
        // Work is lazy: asking for the buffer submits it, without waiting. That consumes a reference too.
        last.ref.gpuBufferSync();
      }
      return repeats;
    },
    async finish() {
      await gpuDevice.queue.onSubmittedWorkDone();
      throwReported();
    },
    async read() {
      // It gives half precision as a Float16Array, which not every Node.js has.
      const values = await last!.ref.astype(jax.numpy.float32).data();
      throwReported();
      return values;
    },
    dispose() {
      for (const array of [...inputs, ...(last ? [last] : [])]) array.dispose();
      compiled.dispose();
    },
  };
}

function functionsOf(jax: typeof Jax): Makers<ShapedFunction<JaxArray>> {
  const { numpy: np, nn, lax } = jax;
  const reduction =
    (reduce: (x: JaxArray, axes: number[]) => JaxArray) =>
    ({ rows, columns, axes }: ReductionTask): ShapedFunction<JaxArray> => ({
      shapes: [[rows, columns]],
      run: (x) => reduce(x, [...axes]),
    });
  return {
    matmul: ({ m, n, k, transposeB }) => ({
      shapes: [[m, k], transposeB ? [n, k] : [k, n]],
      run: (a, b) => np.matmul(a, transposeB ? np.matrixTranspose(b) : b),
    }),
    softmax: ({ rows, columns, axis }) => ({ shapes: [[rows, columns]], run: (x) => nn.softmax(x, axis) }),
    sum: reduction((x, axes) => np.sum(x, axes)),
    mean: reduction((x, axes) => np.mean(x, axes)),
    max: reduction((x, axes) => np.max(x, axes)),
    argmax: ({ rows, columns, axis }) => ({ shapes: [[rows, columns]], run: (x) => np.argmax(x, axis) }),
    sort: ({ rows, columns }) => ({ shapes: [[rows, columns]], run: (x) => np.sort(x, 1) }),
    topK: ({ rows, columns, count }) => ({ shapes: [[rows, columns]], run: (x) => lax.topK(x, count, 1)[0] }),
    cumsum: ({ rows, columns, axis }) => ({ shapes: [[rows, columns]], run: (x) => np.cumsum(x, axis) }),
    rmsNorm: ({ rows, columns, epsilon }) => ({
      shapes: [[rows, columns], [columns]],
      run(x, scale) {
        const meanSquare = np.mean(np.square(x.ref), 1, { keepdims: true });
        return x.div(np.sqrt(meanSquare.add(epsilon))).mul(scale);
      },
    }),
    layerNorm: ({ rows, columns, epsilon }) => ({
      shapes: [[rows, columns], [columns], [columns]],
      run(x, scale, bias) {
        const centred = x.ref.sub(np.mean(x, 1, { keepdims: true }));
        const variance = np.mean(np.square(centred.ref), 1, { keepdims: true });
        return centred
          .div(np.sqrt(variance.add(epsilon)))
          .mul(scale)
          .add(bias);
      },
    }),
    attention: (task) => attention(jax, task),
  };
}

/**
 * Composed of products that each key/value head makes with all the query heads that share it. `nn.dotProductAttention`,
 * which is composed as well and materialises the scores too, needs a newer Node.js than 20.
 */
function attention({ numpy: np, nn }: typeof Jax, task: AttentionTask): ShapedFunction<JaxArray> {
  const { heads, kvHeads, seqLenQ, seqLenKv, headDim, scale, causal } = task;
  const sharing = heads / kvHeads;
  return {
    shapes: [
      [kvHeads, sharing * seqLenQ, headDim],
      [kvHeads, seqLenKv, headDim],
      [kvHeads, seqLenKv, headDim],
    ],
    run(q, k, v) {
      const scores = np.matmul(q, np.matrixTranspose(k)).mul(scale).reshape([heads, seqLenQ, seqLenKv]);
      const visible = causal ? np.tri(seqLenQ, seqLenKv, 0, { dtype: np.bool }) : true;
      const weights = nn.softmax(np.where(visible, scores, -Infinity), -1);
      return np.matmul(weights.reshape([kvHeads, sharing * seqLenQ, seqLenKv]), v);
    },
  };
}
