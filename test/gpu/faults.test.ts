// What can go wrong on a GPU, each caused here: nothing crashes, nothing hangs, and nothing is ever silently wrong.
import { afterEach, describe, expect, it } from 'vitest';
import {
  DeviceLostError,
  explain,
  matmul,
  openDevice,
  ShaderCompileError,
  softmax,
  sort,
  type GpuDevice,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const devices: GpuDevice[] = [];
afterEach(() => {
  for (const device of devices.splice(0)) device.destroy();
});

async function freshDevice(onWarning?: (message: string) => void): Promise<GpuDevice> {
  const device = await openDevice(onWarning ? { onWarning } : {});
  devices.push(device);
  return device;
}

/** A device whose compiler refuses the shaders of some kernels: what follows their first line is no WGSL. */
async function pickyDevice(refused: RegExp, warnings: string[] = []): Promise<GpuDevice> {
  const device = await freshDevice((message) => warnings.push(message));
  const { gpuDevice } = device;
  const make = gpuDevice.createShaderModule.bind(gpuDevice);
  gpuDevice.createShaderModule = (descriptor) =>
    make(
      refused.test(descriptor.label ?? '')
        ? { ...descriptor, code: descriptor.code.replace('fn main(', 'fn main(;') }
        : descriptor,
    );
  return device;
}

const square = (size: number): Float32Array =>
  Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3);

async function expectedSquare(size: number): Promise<Float32Array> {
  const cpu = await openDevice({ backend: 'cpu' });
  const x = cpu.tensor(square(size), [size, size]);
  return matmul(x, x).read();
}

describe('a shader that one adapter refuses', () => {
  it('is replaced by the next kernel, with a warning, also where work was recorded before it was known', async () => {
    const warnings: string[] = [];
    const first = explain(matmul, ...(await twoSquares(await testDevice()))).kernel;
    const device = await pickyDevice(new RegExp(`^${first}`), warnings);
    const [x] = await twoSquares(device);
    const early = [matmul(x, x), matmul(x, x)];
    const derived = softmax(early[0]!);
    const expected = await expectedSquare(64);
    for (const result of early) expect(await result.read()).toEqual(expected);
    expect((await derived.read())[0]).toBeGreaterThanOrEqual(0);
    // From now on it is known.
    expect(await matmul(x, x).read()).toEqual(expected);
    const { kernel, passedOver } = explain(matmul, x, x);
    expect(kernel).not.toBe(first);
    expect(passedOver.find((passed) => passed.kernel === first)?.why).toMatch(/shaders\/.*wgsl:\d+:\d+/);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(new RegExp(`refuses the shader of ${first}; ${kernel} runs instead`));
  });

  it('is replaced in a captured graph', async () => {
    const first = explain(matmul, ...(await twoSquares(await testDevice()))).kernel;
    for (const waits of [true, false]) {
      const device = await pickyDevice(new RegExp(`^${first}`));
      const [x] = await twoSquares(device);
      const graph = device.capture(() => matmul(matmul(x, x), x));
      if (waits) await graph.ready();
      graph.replay();
      const again = matmul(matmul(x, x), x);
      expect(await graph.result.read()).toEqual(await again.read());
      expect((await device.time(graph)).wallDurationNs).toBeGreaterThan(0);
      graph.dispose();
    }
  });

  it('is replaced by a kernel of more passes and with other scratch memory', async () => {
    const x = Float32Array.from({ length: 9_000 }, (_, i) => (i * 7919) % 40_009);
    const first = explain(sort, (await testDevice()).tensor(x, [x.length])).kernel;
    const device = await pickyDevice(new RegExp(`^${first}`));
    const results = Array.from({ length: 3 }, () => sort(device.tensor(x, [x.length])).values);
    for (const values of results) expect(await values.read()).toEqual(x.toSorted());
  });

  it('is an error with file and line where the caller asked for it, or no other kernel is left', async () => {
    const device = await pickyDevice(/^matmul\//);
    const [x] = await twoSquares(device);
    for (const options of [{ kernel: 'matmul/naive' }, {}]) {
      const reading = matmul(x, x, options).read();
      await expect(reading).rejects.toBeInstanceOf(ShaderCompileError);
      await expect(reading).rejects.toThrow(/shaders\/matmul\/\w+\.wgsl:\d+:\d+/);
    }
    // And what has nothing to do with it runs.
    expect((await softmax(x).read()).length).toBe(64 * 64);
  });
});

async function twoSquares(
  device: GpuDevice,
): Promise<[ReturnType<typeof tensor>, ReturnType<typeof tensor>]> {
  const tensor = (): ReturnType<typeof device.tensor<'f32'>> => device.tensor(square(64), [64, 64]);
  return [tensor(), tensor()];
}

async function expectAllLost(waits: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(waits))
    expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(DeviceLostError);
}

describe('a lost device', () => {
  it('in the middle of a batch rejects every reader; what the host still has gives the same on a new one', async () => {
    const host = square(64);
    const compute = (device: GpuDevice): Promise<Float32Array> => {
      const x = device.tensor(host, [64, 64]);
      let y = matmul(x, x);
      for (let i = 0; i < 20; i++) y = softmax(matmul(y, x));
      return y.read();
    };
    const doomed = await freshDevice();
    const expected = await compute(doomed);
    const x = doomed.tensor(host, [64, 64]);
    const graph = doomed.capture(() => matmul(x, x));
    const recorded = matmul(x, x);
    const pending = [compute(doomed), recorded.read(), doomed.finished()];
    graph.replay();
    const replayed = graph.result.read();
    doomed.gpuDevice.destroy();
    await expectAllLost([...pending, replayed]);
    await expect(recorded.read()).rejects.toBeInstanceOf(DeviceLostError);
    expect(() => graph.replay()).toThrow(DeviceLostError);
    // Giving back what is gone is no error.
    graph.dispose();
    x.dispose();
    recorded.dispose();
    const { message } = await doomed.lost;
    expect(message).toMatch(/open a new device and upload again/);
    expect(await compute(await freshDevice())).toEqual(expected);
  });

  it('destroyed by its owner ends what is still awaited', async () => {
    const device = await freshDevice();
    const x = device.tensor(square(64), [64, 64]);
    const pending = [matmul(x, x).read(), device.finished()];
    device.destroy();
    await expectAllLost(pending);
  });
});

describe('a GPU that does not answer in time', () => {
  it('ends the wait by the signal, and the work goes on', async () => {
    const device = await testDevice();
    const x = device.tensor(new Float32Array(1024 * 1024).fill(1), [1024, 1024]);
    // Nobody answers within a millisecond to 4 GFLOP.
    let y = matmul(x, x, { kernel: 'matmul/naive' });
    y = matmul(y, x, { kernel: 'matmul/naive' });
    await expect(y.read({ signal: AbortSignal.timeout(1) })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(device.finished({ signal: AbortSignal.timeout(1) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    const reason = new Error('the user left');
    await expect(y.read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const values = await y.read({ signal: AbortSignal.timeout(100_000) });
    expect(values[0]).toBe(1024 * 1024);
  });

  it('is no matter to the CPU path', async () => {
    const cpu = await openDevice({ backend: 'cpu' });
    const x = cpu.tensor([1], [1]);
    expect([...(await x.read({ signal: AbortSignal.timeout(1000) }))]).toEqual([1]);
  });
});

describe('what overlaps', () => {
  it('reads of one tensor give what it held when each was called', async () => {
    const device = await testDevice();
    const x = device.tensor([1, 2], [1, 2]);
    const before = x.read();
    x.write([3, 4]);
    const between = x.read();
    const derived = softmax(x);
    x.write([5, 6]);
    const after = x.read();
    x.dispose();
    const all = await Promise.all([before, between, after, derived.read()]);
    expect(all.map((values) => [...values]).slice(0, 3)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('disposal of a graph with replays that are still to be submitted', async () => {
    const device = await freshDevice();
    const x = device.tensor(square(32), [32, 32]);
    const graph = device.capture(() => matmul(matmul(x, x), x));
    const y = graph.result;
    graph.replay();
    graph.dispose();
    x.dispose();
    // Memory that the graph gave back has new users at once.
    const others = Array.from({ length: 8 }, (_, i) => device.tensor(new Float32Array(1024).fill(i), [1024]));
    const z = device.tensor(square(32), [32, 32]);
    expect(await y.read()).toEqual(await matmul(matmul(z, z), z).read());
    for (const [i, other] of others.entries()) expect((await other.read())[0]).toBe(i);
  });
});
