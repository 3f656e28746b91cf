import { explain, openDevice, type Device, type GpuDevice, type Tensor } from 'tilewise';
import { copyVectors, matrixMultiplyAddChain, multiplyAddChain, readVectors } from 'tilewise/ceilings';
import type { Timer } from '../gpu/timer.ts';
import { timeGraph } from '../measure/timing.ts';
import type { Ceiling } from './bindingCeiling.ts';

const MIB = 2 ** 20;

/** From what caches hold to what they do not. A processor's end sooner, and it moves memory slowly. */
const WORKING_SETS_MIB = { hardware: [1, 16, 128], software: [1, 16] } as const;

/** Enough work to fill the adapter. */
const FILL = {
  hardware: { invocations: 2 ** 18, subgroups: 4096, rounds: 64 },
  software: { invocations: 2 ** 10, subgroups: 64, rounds: 16 },
} as const;

/** Sizes at which the same shader is checked against the CPU path. */
const CHECKED = { vectors: 256, invocations: 64, perInvocation: 16 } as const;

/** Steadier than other work, and many: a few samples each will do. */
const PATIENCE_MS = 250;

/** A ceiling yet to be measured. */
interface Task {
  readonly kind: Ceiling['kind'];
  readonly name: string;
  /** The operation on tensors of the device given, small for the check or as large as is to be measured. */
  readonly prepare: (device: Device, size: 'checked' | 'measured') => readonly [Tensor, ...Tensor[]];
  readonly run: (inputs: readonly Tensor[]) => Tensor;
}

/**
 * Measures what bounds other work on a device: reading and copying at several working sets, multiply-adds in f32, and products of
 * subgroup matrices where there are any.
 *
 * @throws what the operations throw, an error where a result is wrong, and whatever aborted `signal`
 */
export async function measureCeilings(
  device: GpuDevice,
  timer: Timer,
  signal: AbortSignal,
  onStart: (name: string) => void,
): Promise<Ceiling[]> {
  const ceilings: Ceiling[] = [];
  for (const task of tasksFor(device)) {
    onStart(task.name);
    signal.throwIfAborted();
    await check(device, task);
    ceilings.push(await measure(device, task, timer, signal));
  }
  return ceilings;
}

async function measure(
  device: GpuDevice,
  { kind, name, prepare, run }: Task,
  timer: Timer,
  signal: AbortSignal,
): Promise<Ceiling> {
  const inputs = prepare(device, 'measured');
  const { flops, bytes } = explain(run, inputs);
  const graph = device.capture(() => run(inputs));
  try {
    const { medianNs } = await timeGraph(device, graph, timer, signal, PATIENCE_MS);
    const work = kind === 'read' || kind === 'copy' ? bytes : flops;
    return { kind, name, perSecond: (work / medianNs) * 1e9, workingSetBytes: bytes };
  } finally {
    for (const resource of [graph, graph.result, ...inputs]) resource.dispose();
  }
}

/** The shader at a small size against the CPU path: a loop that a compiler has left out would be fast and wrong. */
async function check(device: GpuDevice, { name, prepare, run }: Task): Promise<void> {
  const [got, expected] = await Promise.all(
    [device, await openDevice({ backend: 'cpu' })].map(async (each) => {
      const inputs = prepare(each, 'checked');
      const result = run(inputs);
      const data = await result.read();
      for (const tensor of [result, ...inputs]) tensor.dispose();
      return data;
    }),
  );
  // Numbers that stay within some dozens, after at most a thousand steps that shrink older errors.
  const tolerance = got instanceof Uint32Array ? 0 : 0.01;
  for (let i = 0; i < expected!.length; i++) {
    if (!(Math.abs(got![i]! - expected![i]!) <= tolerance)) {
      throw new Error(
        `${name}: element ${i} is ${got![i]}, the CPU path gives ${expected![i]}; the ceiling is not known`,
      );
    }
  }
}

function tasksFor({ capabilities }: GpuDevice): Task[] {
  const { limits, software, subgroupMatrixConfigs } = capabilities;
  const kind = software ? 'software' : 'hardware';
  const { invocations, subgroups, rounds } = FILL[kind];
  const available = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const sizes = WORKING_SETS_MIB[kind].filter((mib) => mib * MIB <= available);
  const tasks: Task[] = sizes.flatMap((mib): Task[] => [
    {
      kind: 'read',
      name: `read, ${mib} MiB`,
      prepare: (device, size) => {
        const { perInvocation } = CHECKED;
        const readers = size === 'checked' ? CHECKED.invocations : (mib * MIB) / 16 / perInvocation;
        return [device.tensor(words(perInvocation * readers * 4), [perInvocation, readers, 4], 'u32')];
      },
      run: ([x]) => readVectors(x as Tensor<'u32'>),
    },
    {
      kind: 'copy',
      name: `copy, ${mib} MiB`,
      prepare: (device, size) => {
        const vectors = size === 'checked' ? CHECKED.vectors : (mib * MIB) / 32;
        return [device.tensor(words(4 * vectors), [vectors, 4], 'u32')];
      },
      run: ([x]) => copyVectors(x as Tensor<'u32'>),
    },
  ]);
  tasks.push({
    kind: 'f32',
    name: 'f32 multiply-add',
    prepare: (device, size) => {
      const count = size === 'checked' ? CHECKED.invocations : invocations;
      return [device.tensor(fractions(32 * count), [count, 8, 4])];
    },
    run: ([x]) => multiplyAddChain(x as Tensor<'f32'>, { rounds }),
  });
  const [matrix] = subgroupMatrixConfigs
    .filter(({ componentType, resultType }) => componentType === 'f16' && resultType === 'f32')
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k);
  if (matrix) {
    const { m, n, k } = matrix;
    tasks.push({
      kind: 'matrix',
      name: `subgroup matrix ${m}×${n}×${k}`,
      prepare: (device, size) => {
        const count = size === 'checked' ? 1 : subgroups;
        return [
          device.tensor(fractions(m * k), [m, k], 'f16'),
          device.tensor(fractions(k * n), [k, n], 'f16'),
          device.tensor(fractions(8 * m * n * count), [count, 8, m, n]),
        ];
      },
      run: ([a, b, c]) =>
        matrixMultiplyAddChain(a as Tensor<'f16'>, b as Tensor<'f16'>, c as Tensor<'f32'>, { rounds }),
    });
  }
  return tasks;
}

/** Bits without a pattern that memory could compress: multiples of an odd number. */
function words(count: number): Uint32Array {
  const data = new Uint32Array(count);
  for (let i = 0; i < count; i++) data[i] = Math.imul(i, 0x9e37_79b1);
  return data;
}

/** Numbers within ±1/64, so that sums of products stay small. */
function fractions(count: number): Float32Array {
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = ((i * 37) % 64) / 2048 - 1 / 64;
  return data;
}
