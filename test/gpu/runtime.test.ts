import { beforeAll, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  DeviceLostError,
  DTypeError,
  explain,
  matmul,
  openDevice,
  OutOfMemoryError,
  ShaderCompileError,
  ShapeError,
  softmax,
  sortBy,
  UnsupportedError,
  type Device,
  type GpuDevice,
} from '../../src/node.ts';
import { BufferUsage } from '../../src/runtime/gpuFlags.ts';
import { input, output } from '../../src/runtime/plan.ts';
import { testDevice } from './support/device.ts';

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
  return () => cpu.destroy();
});

describe('tensors', () => {
  it('come back as they were stored', async () => {
    const data = [0, -0, 1.5, -2.25, 65504];
    expect([...(await device.tensor(data, [5]).read())]).toEqual(data);
    expect([...(await device.tensor(data, [5], 'f16').read())]).toEqual(data);
    expect([...(await device.tensor([1, -2, 3], [3], 'i32').read())]).toEqual([1, -2, 3]);
    expect([...(await device.tensor([7, 4294967295], [2, 1], 'u32').read())]).toEqual([7, 4294967295]);
    expect([...(await device.tensor([], [0, 3]).read())]).toEqual([]);
  });

  it('round half precision to nearest even', async () => {
    const t = device.tensor([2049, 2051, 1e-8, 65520], [4], 'f16');
    expect([...(await t.read())]).toEqual([2048, 2052, 0, Infinity]);
  });

  it('are written in order with recorded work', async () => {
    const one = device.tensor([1, 0, 0, 1], [2, 2]);
    const x = device.tensor([1, 2, 3, 4], [2, 2]);
    const before = matmul(x, one);
    x.write([5, 6, 7, 8]);
    const after = matmul(x, one);
    expect([...(await before.read())]).toEqual([1, 2, 3, 4]);
    expect([...(await after.read())]).toEqual([5, 6, 7, 8]);
  });

  it('may be disposed before the work that reads them has run', async () => {
    const one = device.tensor([1, 0, 0, 1], [2, 2]);
    const results = [];
    for (let i = 0; i < 40; i++) {
      const x = device.tensor([i, i, i, i], [2, 2]);
      results.push(matmul(x, one));
      x.dispose();
    }
    for (const [i, result] of results.entries()) expect([...(await result.read())]).toEqual([i, i, i, i]);
  });

  it('share memory when reshaped', async () => {
    const x = device.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    const y = x.reshape([3, 2]);
    x.dispose();
    expect([...(await y.read())]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => y.reshape([4])).toThrow(ShapeError);
  });

  it('can be read several times at once', async () => {
    const x = device.tensor([1, 2], [2]);
    const reads = await Promise.all([x.read(), x.read(), x.read()]);
    for (const values of reads) expect([...values]).toEqual([1, 2]);
  });

  it('wrap a buffer of the caller', async () => {
    const buffer = device.gpuDevice.createBuffer({ size: 1024, usage: 0x80 | 0x4 | 0x8 });
    device.gpuDevice.queue.writeBuffer(buffer, 512, new Float32Array([1, 2, 3, 4]));
    const x = device.wrap(buffer, [2, 2], 'f32', { byteOffset: 512 });
    expect(x.buffer).toBe(buffer);
    expect(x.byteOffset).toBe(512);
    expect([...(await matmul(x, x).read())]).toEqual([7, 10, 15, 22]);
    expect(() => device.wrap(buffer, [300])).toThrow(/needs 1200 bytes from offset 0; the buffer has 1024/);
    expect(() => device.wrap(buffer, [1], 'f32', { byteOffset: 4 })).toThrow(/multiple of/);
    buffer.destroy();
  });

  it('serve as operands through a wrap of their own buffer', async () => {
    const x = device.tensor(
      Float32Array.from({ length: 128 }, (_, i) => i % 64),
      [1, 128],
    );
    const half = device.wrap(x.buffer, [1, 64], 'f32', { byteOffset: x.byteOffset + 256 });
    expect([...(await matmul(half, half, { transposeB: true }).read())]).toEqual([85344]);
  });
});

describe('a buffer wrapped twice', () => {
  it('is written in order with what reads it under the other name', async () => {
    const buffer = device.gpuDevice.createBuffer({ size: 16, usage: 0x80 | 0x4 | 0x8 });
    device.gpuDevice.queue.writeBuffer(buffer, 0, new Float32Array([1, 0, 0, 1]));
    const a = device.wrap(buffer, [2, 2]);
    const b = device.wrap(buffer, [2, 2]);
    const before = matmul(a, a);
    b.write([2, 0, 0, 2]);
    const after = matmul(a, a);
    expect([...(await before.read())]).toEqual([1, 0, 0, 1]);
    expect([...(await after.read())]).toEqual([4, 0, 0, 4]);
    buffer.destroy();
  });
});

describe('bad input is refused with what was given and what was expected', () => {
  it('names shapes', () => {
    const a = device.tensor(new Float32Array(6), [2, 3]);
    const b = device.tensor(new Float32Array(8), [4, 2]);
    expect(() => matmul(a, b)).toThrow(/\[2, 3\] has k = 3, b \[4, 2\] has k = 4/);
    expect(() => matmul(a, a.reshape([6]))).toThrow(ShapeError);
    expect(() => device.tensor([1, 2, 3], [2, 2])).toThrow(/needs 4 numbers, got 3/);
    expect(() => device.tensor([], [-1])).toThrow(/non-negative integers/);
    expect(() => device.tensor([1], [1.5])).toThrow(ShapeError);
    expect(() => device.empty([2 ** 40])).toThrow(UnsupportedError);
  });

  it('names data types', () => {
    const b = device.tensor([1], [1, 1], 'bf16');
    const h = device.tensor([1], [1, 1], 'f16');
    const i = device.tensor([1], [1, 1], 'i32');
    expect(() => matmul(h, b)).toThrow(/f16 and bf16 do not go together/);
    expect(() => matmul(i as never, i as never)).toThrow(DTypeError);
    expect(() => device.tensor([1], [1], 'f64' as never)).toThrow(
      /unknown data type "f64"; expected f32, f16, bf16, i32, u32, i8/,
    );
  });

  it('names options and kernels', () => {
    const a = device.tensor([1], [1, 1]);
    expect(() => matmul(a, a, { transposeC: true } as never)).toThrow(/no option "transposeC"/);
    expect(() => matmul(a, a, { activation: 'gelo' as never })).toThrow(
      /activation must be "none", "relu", .*, got "gelo"/,
    );
    expect(() => matmul(a, a, { kernel: 'matmul/fast' })).toThrow(
      /no kernel "matmul\/fast"; it has .*matmul\/naive/,
    );
    expect(() => matmul(a, a, { config: { tileM: 3 } })).toThrow(ArgumentError);
  });

  it('refuses disposed tensors and those of another device', async () => {
    const a = device.tensor([1], [1, 1]);
    const b = device.tensor([1], [1, 1]);
    b.dispose();
    expect(() => matmul(a, b)).toThrow(/disposed/);
    await expect(b.read()).rejects.toThrow(/disposed/);
    expect(() => matmul(a, cpu.tensor([1], [1, 1]))).toThrow(/different devices/);
  });

  it('refuses unknown options of openDevice', async () => {
    await expect(openDevice({ check: true } as never)).rejects.toThrow(/no option "check"; it has backend/);
    await expect(openDevice({ backend: 'cuda' as never })).rejects.toThrow(/must be "webgpu" or "cpu"/);
    await expect(openDevice({ adapter: 'no-such-gpu' })).rejects.toThrow(/"no-such-gpu" in its name/);
  });
});

describe('explain', () => {
  it('tells kernel, reason and cost without running anything', () => {
    const a = device.empty([64, 32]);
    const b = device.empty([32, 16]);
    const explanation = explain(matmul, a, b, { kernel: 'matmul/naive' });
    expect(explanation).toMatchObject({
      op: 'matmul',
      kernel: 'matmul/naive',
      reason: 'asked for by the caller',
      flops: 2 * 64 * 32 * 16,
      bytes: 4 * (64 * 32 + 32 * 16 + 64 * 16),
    });
    expect(() => explain(() => 1)).toThrow(/takes an operation/);
  });
});

describe('graphs', () => {
  it('replay with new content of their inputs', async () => {
    const x = device.tensor([1, 2, 3, 4], [2, 2]);
    const one = device.tensor([2, 0, 0, 2], [2, 2]);
    const graph = device.capture(() => {
      const twice = matmul(x, one);
      const result = matmul(twice, one);
      twice.dispose();
      return result;
    });
    const y = graph.result;
    expect(graph.dispatchCount).toBe(2);
    graph.replay();
    expect([...(await y.read())]).toEqual([4, 8, 12, 16]);
    x.write([1, 1, 1, 1]);
    graph.replay();
    expect([...(await y.read())]).toEqual([4, 4, 4, 4]);
    graph.dispose();
    expect([...(await y.read())]).toEqual([4, 4, 4, 4]);
    expect(() => graph.replay()).toThrow(/disposed/);
  });

  it('keep the memory of their intermediate results from everybody else', async () => {
    const x = device.tensor([3], [1, 1]);
    const graph = device.capture(() => {
      const square = matmul(x, x);
      const cube = matmul(square, x);
      square.dispose();
      return cube;
    });
    const others = Array.from({ length: 8 }, (_, i) => device.tensor([i], [1, 1]));
    graph.replay();
    for (const [i, other] of others.entries()) expect([...(await other.read())]).toEqual([i]);
    expect([...(await graph.result.read())]).toEqual([27]);
    graph.dispose();
  });

  it('keep what they read, even where the captured function disposes of it', async () => {
    const outside = device.tensor([1, 2, 3, 4], [1, 4]);
    const graph = device.capture(() => {
      const inside = device.tensor([1, 2, 3, 4], [1, 4]);
      const results = [outside, inside].map((x) => {
        const once = softmax(x);
        x.dispose();
        const twice = softmax(once);
        once.dispose();
        return twice;
      });
      // What the host writes once must not lie where a step writes in every replay.
      return [...results, device.tensor([5, 6, 7, 8], [1, 4])];
    });
    const read = (): Promise<number[][]> =>
      Promise.all(graph.result.map(async (tensor) => [...(await tensor.read())]));
    graph.replay();
    const first = await read();
    graph.replay();
    expect(await read()).toEqual(first);
    expect(first[1]).toEqual(first[0]);
    expect(first[2]).toEqual([5, 6, 7, 8]);
    graph.dispose();
  });

  it('refuse to be read or nested while they are captured', () => {
    expect(() => device.capture(() => device.capture(() => undefined))).toThrow(/nested/);
    const x = device.tensor([1], [1, 1]);
    expect(() => device.capture(() => x.write([2]))).toThrow(/made outside/);
    expect(() => device.capture(() => matmul(x, x).write([2]))).toThrow(/computes/);
  });

  it('work alike on the CPU', async () => {
    const x = cpu.tensor([1, 2, 3, 4], [2, 2]);
    const graph = cpu.capture(() => matmul(x, x));
    x.write([1, 0, 0, 1]);
    graph.replay();
    expect([...(await graph.result.read())]).toEqual([1, 0, 0, 1]);
  });
});

describe("a graph in the caller's own command encoder", () => {
  it('is refused before its pipelines are compiled', async () => {
    using fresh = await openDevice();
    const x = fresh.tensor([1, 2, 3, 4], [2, 2]);
    const graph = fresh.capture(() => matmul(x, x));
    expect(() => graph.encode(undefined as never)).toThrow('await graph.ready() first');
    await graph.ready();
    graph.dispose();
  });

  it('is refused while what was recorded before on its tensors is still to be submitted', async () => {
    const x = device.tensor([1, 2, 3, 4], [2, 2]);
    const y = matmul(x, x);
    const graph = device.capture(() => matmul(y, y));
    await graph.ready();
    matmul(x, x, { out: y });
    const encoder = device.gpuDevice.createCommandEncoder();
    const pass = encoder.beginComputePass();
    expect(() => graph.encode(pass)).toThrow(/still to be submitted: call device\.flush\(\) first/);
    expect(() => graph.encode({} as never)).toThrow(ArgumentError);
    await device.finished();
    expect(() => graph.encode({} as never)).toThrow('pass must be a GPUComputePassEncoder');
    graph.encode(pass);
    pass.end();
    encoder.finish();
    graph.dispose();
    expect(() => graph.encode(pass)).toThrow('this graph has been disposed');
  });

  it('runs among work of its own, every time that it is encoded', async () => {
    const { queue } = device.gpuDevice;
    const x = device.tensor([1, 2, 3, 4], [2, 2]);
    const graph = device.capture(() => matmul(matmul(x, x), x));
    await graph.ready();
    device.flush();
    const [size, usage] = [16, BufferUsage.copySrc | BufferUsage.copyDst];
    const doubled = device.gpuDevice.createBuffer({ size, usage });
    queue.writeBuffer(doubled, 0, Float32Array.of(2, 0, 0, 2));
    const first = device.gpuDevice.createBuffer({ size, usage: usage | BufferUsage.storage });

    const encoder = device.gpuDevice.createCommandEncoder();
    const encode = (): void => {
      const pass = encoder.beginComputePass();
      graph.encode(pass);
      pass.end();
    };
    encode();
    encoder.copyBufferToBuffer(graph.result.buffer, graph.result.byteOffset, first, 0, size);
    encoder.copyBufferToBuffer(doubled, 0, x.buffer, x.byteOffset, size);
    encode();
    queue.submit([encoder.finish()]);
    expect(Array.from(await device.wrap(first, [4]).read())).toEqual([37, 54, 81, 118]);
    const copy = device.gpuDevice.createBuffer({ size, usage: usage | BufferUsage.storage });
    const second = device.gpuDevice.createCommandEncoder();
    second.copyBufferToBuffer(graph.result.buffer, graph.result.byteOffset, copy, 0, size);
    queue.submit([second.finish()]);
    expect(Array.from(await device.wrap(copy, [4]).read())).toEqual([8, 0, 0, 8]);
    graph.dispose();
  });
});

describe('graphs that have not run', () => {
  it('give no content, and no times', async () => {
    const x = device.tensor([2], [1, 1]);
    const graph = device.capture(() => matmul(x, x));
    await expect(graph.result.read()).rejects.toThrow(/has not run: replay it first/);
    const derived = matmul(graph.result, x);
    await expect(derived.read()).rejects.toThrow(/has not run/);
    graph.replay();
    expect([...(await graph.result.read())]).toEqual([4]);
    for (const repeats of [0, -1, NaN, 1.5])
      expect(() => graph.replay(repeats)).toThrow(/whole number of times/);
    expect(() => device.capture(async () => x)).toThrow(/does not wait/);
    graph.dispose();
  });

  it('go on from what they wrote outside, as in training', async () => {
    const weights = device.tensor([1, 2], [1, 2]);
    const one = device.tensor([1], [1, 1]);
    const gradient = device.tensor([10, 20], [1, 2]);
    const graph = device.capture(() => {
      const before = matmul(one, weights);
      matmul(one, gradient, { alpha: -0.5, c: weights, out: weights });
      return before;
    });
    expect([...(await weights.read())]).toEqual([1, 2]);
    graph.replay();
    expect([...(await graph.result.read())]).toEqual([1, 2]);
    graph.replay(2);
    expect([...(await graph.result.read())]).toEqual([-9, -18]);
    expect([...(await weights.read())]).toEqual([-14, -28]);
    graph.dispose();
  });
});

describe('timing', () => {
  it('profiles each dispatch', async () => {
    const x = device.tensor(new Float32Array(64 * 64).fill(1), [64, 64]);
    const profile = await device.profile(() => {
      matmul(x, x).dispose();
      matmul(x, x, { kernel: 'matmul/naive' }).dispose();
    });
    expect(profile).toHaveLength(2);
    expect(profile[1]!.label).toBe('matmul/naive');
    for (const { durationNs } of profile) expect(durationNs).toBeGreaterThan(0);
  });

  it('times a graph, and more repeats take longer', async () => {
    const x = device.tensor(new Float32Array(256 * 256).fill(1), [256, 256]);
    const graph = device.capture(() => matmul(x, x, { kernel: 'matmul/naive' }));
    await device.time(graph);
    const once = await device.time(graph, 1);
    const many = await device.time(graph, 20);
    expect(once.gpuDurationNs).toBeGreaterThan(1000);
    expect(many.gpuDurationNs! / once.gpuDurationNs!).toBeGreaterThan(5);
    graph.dispose();
  });
});

describe('faults', () => {
  it('reject the read of what a refused shader should have made, and all that follows from it', async () => {
    const x = device.tensor([1], [1, 1]);
    const prepared = device.prepare({
      scratchBytes: [],
      passes: [
        {
          label: 'broken',
          shader: { parts: [{ path: 'broken.wgsl', code: 'fn main() {\n  let x = 1 +;\n}' }] },
          params: {},
          bindings: [input(0), output(0)],
          workgroups: [1, 1, 1],
        },
      ],
    });
    const [broken] = device.run(prepared, [x], [{ shape: [1, 1], dtype: 'f32' }]);
    const derived = matmul(broken as typeof x, x);
    const unrelated = matmul(x, x);
    await expect(broken!.read()).rejects.toThrow(/shaders\/broken\.wgsl:2:/);
    await expect(derived.read()).rejects.toBeInstanceOf(ShaderCompileError);
    // What does not run takes no time, which must not pass for speed.
    const run = (): void => {
      device.run(prepared, [x], [{ shape: [1, 1], dtype: 'f32' }])[0]!.dispose();
    };
    await expect(device.time(device.capture(run))).rejects.toBeInstanceOf(ShaderCompileError);
    await expect(device.profile(run)).rejects.toBeInstanceOf(ShaderCompileError);
    expect([...(await unrelated.read())]).toEqual([1]);
  });

  it('report a lost device to every reader and every later call', async () => {
    const doomed = await openDevice();
    const x = doomed.tensor([1], [1, 1]);
    const pending = matmul(x, x).read();
    doomed.gpuDevice.destroy();
    await expect(pending).rejects.toBeInstanceOf(DeviceLostError);
    expect((await doomed.lost).code).toBe('device-lost');
    expect(() => matmul(x, x)).toThrow(DeviceLostError);
  });

  it('refuse use after destroy()', async () => {
    const other = await openDevice();
    other.destroy();
    expect(() => other.tensor([1], [1])).toThrow(/destroyed/);
  });
});

describe('a device of the caller', () => {
  it('serves with the smallest limits and no features, and is left alive', async () => {
    const { create } = await import('webgpu');
    const gpu = create([]);
    const own = await (await gpu.requestAdapter())!.requestDevice();
    const adopted = await openDevice({ gpuDevice: own });
    expect(adopted.capabilities).toMatchObject({ f16: false, timestampQuery: false, boundsChecked: true });
    const x = adopted.tensor([1, 2, 3, 4], [2, 2]);
    const bias = adopted.tensor([1, 1], [2]);
    expect([...(await matmul(x, x, { bias }).read())]).toEqual([8, 11, 16, 23]);
    expect(() => adopted.tensor([1], [1], 'f16')).toThrow(/no half precision/);
    adopted.destroy();
    const buffer = own.createBuffer({ size: 4, usage: 0x8 });
    buffer.destroy();
    own.destroy();
  });
});

describe('memory', () => {
  it('that the GPU does not have is reported by the reads that depend on it, and by no other', async () => {
    const small = await openDevice();
    const { gpuDevice } = small;
    const makeBuffer = gpuDevice.createBuffer.bind(gpuDevice);
    const popErrorScope = gpuDevice.popErrorScope.bind(gpuDevice);
    // A software adapter never runs out (its host overcommits), so the answer of one that did is played here.
    let refused = false;
    gpuDevice.createBuffer = (descriptor) => {
      refused = descriptor.size >= 2 ** 20;
      return makeBuffer(descriptor);
    };
    gpuDevice.popErrorScope = async () => {
      const answer = refused ? ({ message: 'no memory' } as GPUError) : await popErrorScope();
      refused = false;
      return answer;
    };
    const x = small.tensor([1, 2, 3, 4], [2, 2]);
    const large = small.empty([512, 512]);
    const derived = matmul(large, large);
    await expect(large.read()).rejects.toThrow(OutOfMemoryError);
    await expect(derived.read()).rejects.toMatchObject({
      code: 'out-of-memory',
      details: { sizeBytes: 2 ** 20 },
    });
    expect([...(await matmul(x, x).read())]).toEqual([7, 10, 15, 22]);
    // Once there is memory again, the same size must not get the buffer that was refused.
    large.dispose();
    derived.dispose();
    gpuDevice.createBuffer = makeBuffer;
    await small.finished();
    expect((await small.tensor(new Float32Array(2 ** 18).fill(2), [512, 512]).read())[0]).toBe(2);
    gpuDevice.destroy();
  });

  it('has the copy of one view back where that of another is refused', () => {
    const shape = [8, 8, 8, 8, 8];
    const keys = device.empty([9, ...shape.slice(1)]).slice(0, 0, 8);
    const inPieces = device.empty(shape).transpose(0, 4).transpose(1, 3);
    const usedBytes = (): number => device.memory.allocatedBytes - device.memory.unusedBytes;
    const before = usedBytes();
    expect(() => sortBy(inPieces, keys)).toThrow(UnsupportedError);
    expect(usedBytes()).toBe(before);
  });

  it('stays flat over a long loop', async () => {
    const x = device.tensor(new Float32Array(32 * 32), [32, 32]);
    const run = async (): Promise<void> => {
      for (let i = 0; i < 1000; i++) matmul(x, x).dispose();
      await device.finished();
    };
    await run();
    const before = device.memory.allocatedBytes;
    for (let round = 0; round < 5; round++) await run();
    expect(device.memory.allocatedBytes).toBe(before);
  });
});
