import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { openDevice } from 'tilewise';
import { familyOf } from '../workloads/families.ts';
import type { ElementType, Operand, Workload } from '../workloads/workload.ts';

/**
 * Distinct numbers of an operand; a larger one repeats them. A prime, so that the repetition does not line up with rows. Drawing
 * each of the 58 million elements of a weight matrix would take longer than multiplying it.
 */
const DISTINCT = 1_000_003;

/** The operands of a workload: always the same, and already rounded to its type. */
export async function drawOperands(workload: Workload): Promise<Float32Array<ArrayBuffer>[]> {
  const operands = familyOf(workload).operands(workload);
  return Promise.all(operands.map((operand, index) => draw(operand, workload.dtype, 1 + index)));
}

async function draw(
  { shape, values }: Operand,
  dtype: ElementType,
  seed: number,
): Promise<Float32Array<ArrayBuffer>> {
  const count = shape.reduce((product, size) => product * size, 1);
  const distinct = Math.min(count, DISTINCT);
  const random = xoroshiro128plus(seed);
  const data = new Float32Array(count);
  for (let i = 0; i < distinct; i++) {
    const uniform = uniformFloat32(random);
    data[i] = values === 'whole' ? Math.floor(uniform * 7) - 3 : uniform * 6 - 3;
  }
  if (dtype === 'f16') data.set(await roundedToHalf(data.subarray(0, distinct)));
  for (let start = distinct; start < count; start += distinct) {
    data.copyWithin(start, 0, Math.min(distinct, count - start));
  }
  return data;
}

/** Rounds by way of the CPU backend, which stores a tensor as its type demands. */
async function roundedToHalf(data: Float32Array): Promise<Float32Array> {
  const cpu = await openDevice({ backend: 'cpu' });
  return cpu.tensor(data, [data.length], 'f16').read();
}
