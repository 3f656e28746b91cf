// Plans as data, run without the library's runtime: by nothing but calls of WebGPU, as an engine of one's own would.
import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { capabilitiesOf, planKernels, type KernelPlan, type PlanningDevice } from '../../src/kernelPlans.ts';
import {
  ArgumentError,
  attention,
  matmul,
  openDevice,
  ShapeError,
  softmax,
  sort,
  topK,
  type CpuDevice,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { decodeElements, elementCount, encodeElements, type TensorDevice } from '../../src/tensor.ts';
import nvidiaH100 from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };
import { testDevice } from './support/device.ts';

let device: GpuDevice;
let cpu: CpuDevice;
beforeAll(async () => {
  device = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
});

/** Runs a plan and returns what its results hold. */
async function dispatchAll(
  gpu: GPUDevice,
  plan: KernelPlan,
  inputs: readonly Uint8Array<ArrayBuffer>[],
): Promise<Float64Array[]> {
  const buffers = plan.buffers.map(({ sizeBytes, data }) => {
    const buffer = gpu.createBuffer({ size: sizeBytes, usage: 0x80 | 0x4 | 0x8 });
    if (data) gpu.queue.writeBuffer(buffer, 0, data);
    return buffer;
  });
  for (const [index, { buffer }] of plan.inputs.entries())
    gpu.queue.writeBuffer(buffers[buffer]!, 0, inputs[index]!);
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { code, entryPoint, params, bindings, workgroups } of plan.passes) {
    const pipeline = gpu.createComputePipeline({
      layout: 'auto',
      compute: { module: gpu.createShaderModule({ code }), entryPoint },
    });
    const uniform = gpu.createBuffer({ size: params.byteLength, usage: 0x40 | 0x8 });
    gpu.queue.writeBuffer(uniform, 0, params);
    const group = gpu.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: uniform } },
        ...bindings.map(({ binding, buffer }) => ({ binding, resource: { buffer: buffers[buffer]! } })),
      ],
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...workgroups);
  }
  pass.end();
  const copies = plan.results.map(({ buffer }) => {
    const { size } = buffers[buffer]!;
    const copy = gpu.createBuffer({ size, usage: 0x1 | 0x8 });
    encoder.copyBufferToBuffer(buffers[buffer]!, 0, copy, 0, size);
    return copy;
  });
  gpu.queue.submit([encoder.finish()]);
  const values: Float64Array[] = [];
  for (const [index, { shape, dtype }] of plan.results.entries()) {
    await copies[index]!.mapAsync(1);
    const bytes = copies[index]!.getMappedRange().slice(0);
    values.push(Float64Array.from(decodeElements(bytes, dtype, elementCount(shape))));
  }
  for (const buffer of [...buffers, ...copies]) buffer.destroy();
  return values;
}

type Work = (device: TensorDevice, inputs: readonly Tensor[]) => Tensor | readonly Tensor[];

/** Operations of one pass and of several, with scratch memory, with tables of their own, and in a row. */
const works: readonly { name: string; shapes: readonly number[][]; work: Work }[] = [
  {
    name: 'matmul with an epilogue',
    shapes: [[33, 70], [70, 50], [50]],
    work: (_, [a, b, bias]) =>
      matmul(a as Tensor<'f32'>, b as Tensor<'f32'>, { bias: bias as Tensor<'f32'>, activation: 'gelu' }),
  },
  {
    name: 'a kernel asked for',
    shapes: [
      [40, 64],
      [64, 24],
    ],
    work: (_, [a, b]) => matmul(a as Tensor<'f32'>, b as Tensor<'f32'>, { kernel: 'matmul/tiled' }),
  },
  {
    name: 'attention with lengths, which are a constant of the plan',
    shapes: [
      [2, 4, 9, 32],
      [2, 2, 21, 32],
      [2, 2, 21, 32],
    ],
    work: (_, [q, k, v]) =>
      attention(q as Tensor<'f32'>, k as Tensor<'f32'>, v as Tensor<'f32'>, { lengths: [21, 13] }),
  },
  {
    name: 'sort, which has passes and scratch memory',
    shapes: [[2, 5000]],
    work: (_, [x]) => {
      const { values, indices } = sort(x as Tensor<'f32'>);
      return [values, indices];
    },
  },
  {
    name: 'operations in a row, with a table and two results',
    shapes: [[6, 300]],
    work: (on, [x]) => {
      const scaled = matmul(x as Tensor<'f32'>, on.tensor(new Float32Array(300 * 40).fill(0.25), [300, 40]));
      const { values, indices } = topK(softmax(scaled), 5);
      return [values, indices];
    },
  },
];

describe('a plan', () => {
  it.each(works)('$name: gives what the CPU path gives, by raw calls alone', async ({ shapes, work }) => {
    const values = shapes.map((shape, index) => randomElements({ shape, dtype: 'f32' }, 1 + index));
    const capabilities = capabilitiesOf(device.gpuDevice, { boundsChecked: false });
    const planned = await planKernels(capabilities, (planning: PlanningDevice) =>
      work(
        planning,
        shapes.map((shape) => planning.input(shape)),
      ),
    );
    // Plain data: it survives being sent to a worker.
    const plan = structuredClone(planned);
    const got = await dispatchAll(
      device.gpuDevice,
      plan,
      values.map((elements) => encodeElements(elements, 'f32')),
    );
    const expected = work(
      cpu,
      shapes.map((shape, index) => cpu.tensor(values[index]!, shape)),
    );
    for (const [index, tensor] of [expected].flat().entries()) {
      const wanted = await tensor.read();
      expect(plan.results[index]!.shape).toEqual(tensor.shape);
      expect(got[index]).toHaveLength(wanted.length);
      for (const [at, value] of wanted.entries()) expect(got[index]![at]).toBeCloseTo(value, 4);
    }
  });

  it('is made for a GPU that is not here, and says which features it needs', async () => {
    const plan = await planKernels(nvidiaH100 as never, (planning) => {
      const a = planning.input([512, 512], 'f16');
      return matmul(a, a);
    });
    expect(plan.features).toContain('chromium-experimental-subgroup-matrix');
    expect(plan.passes[0]!.code).toContain('subgroupMatrixMultiplyAccumulate');
    expect(plan.inputs).toEqual([{ shape: [512, 512], dtype: 'f16', buffer: 0 }]);
    expect(plan.buffers[plan.results[0]!.buffer]).toEqual({ kind: 'temporary', sizeBytes: 2 * 512 * 512 });
  });

  it('is refused as the operation would refuse, and for what has no content', async () => {
    const capabilities = capabilitiesOf(device.gpuDevice);
    const plan = (fn: (planning: PlanningDevice) => Tensor): Promise<KernelPlan> =>
      planKernels(capabilities, fn);
    await expect(plan((on) => matmul(on.input([2, 3]), on.input([4, 5])))).rejects.toThrow(ShapeError);
    await expect(plan((on) => on.input([2, 3]).transpose())).rejects.toThrow(/no gaps/);
    await expect(plan(() => 1 as never)).rejects.toThrow(ArgumentError);
    await expect(
      plan((on) => {
        on.input([1]).write([1]);
        return on.input([1]);
      }),
    ).rejects.toThrow(/cannot be written/);
    const foreign = device.tensor([1], [1, 1]);
    await expect(plan((on) => matmul(on.input([1, 1]), foreign))).rejects.toThrow(/different devices/);
    await expect(plan((on) => on.input([1]).read() as never)).rejects.toThrow('does not wait');
  });

  it('is refused for what are no capabilities, a GPUDevice among them, and no function', async () => {
    const one = (on: PlanningDevice): Tensor => on.input([1]);
    for (const target of [device.gpuDevice, {}, null, undefined, 5, one])
      await expect(planKernels(target as never, one)).rejects.toThrow(/target must be what capabilitiesOf/);
    await expect(planKernels(device, undefined as never)).rejects.toThrow('takes a function, got undefined');
    for (const source of [{}, null, undefined, 'gpu'])
      expect(() => capabilitiesOf(source as never)).toThrow(/must be a GPUDevice or a GPUAdapter, got /);
  });
});
