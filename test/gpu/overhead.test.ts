// What the library costs the host, on a device that accepts all work and does none: the times themselves are rows of
// `npm run bench -- --only overhead`; here is what must not depend on how busy the machine is.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openNullDevice, overheadCases } from '../../bench/measure/overhead.ts';
import { matmul, segmentReduce, softmax, type GpuDevice } from '../../src/node.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let gpu: GPU;
let device: GpuDevice;
beforeAll(async () => {
  ({ gpu, device } = await openNullDevice());
});
afterAll(() => {
  device.destroy();
  device.gpuDevice.destroy();
  void gpu;
});

/** Bytes on the heap that are still in use. */
async function heapBytes(): Promise<number> {
  await device.finished();
  collect();
  return process.memoryUsage().heapUsed;
}

describe('on a device that takes no time', () => {
  it('nothing is far above its target, however busy the machine', async () => {
    for (const { name, operations, targetMicroseconds, run } of await overheadCases(device)) {
      let best = Infinity;
      for (let i = 0; i < 60; i++) {
        const begin = performance.now();
        run();
        device.flush();
        best = Math.min(best, ((performance.now() - begin) * 1e3) / operations);
        await device.finished();
      }
      if (targetMicroseconds !== undefined) expect(best, name).toBeLessThan(3 * targetMicroseconds);
    }
  });

  it('operations that are given numbers of the host are submitted together', async () => {
    const x = device.tensor(new Float32Array(64), [64]);
    segmentReduce(x, [0, 64]).dispose();
    await device.finished();
    const submit = vi.spyOn(device.gpuDevice.queue, 'submit');
    for (let i = 0; i < 100; i++) segmentReduce(x, [0, i % 64, 64]).dispose();
    device.flush();
    await device.finished();
    expect(submit).toHaveBeenCalledTimes(1);
    submit.mockRestore();
  });

  it('a loop of 100,000 operations is flat in memory, on the heap and in the pool', async () => {
    const x = device.tensor(new Float32Array(64 * 64), [64, 64]);
    const run = async (operations: number): Promise<void> => {
      for (let i = 0; i < operations; i += 2) {
        const y = softmax(x);
        matmul(y, x).dispose();
        y.dispose();
        if (i % 1000 === 0) await device.finished();
      }
    };
    await run(10_000);
    const before = await heapBytes();
    const pool = device.memory.allocatedBytes;
    await run(100_000);
    expect(device.memory.allocatedBytes).toBe(pool);
    // Less than three bytes an operation: what is left is the engine's own.
    expect((await heapBytes()) - before).toBeLessThan(256 * 1024);
  });

  it('a replay allocates nothing for each dispatch', async () => {
    const x = device.tensor(new Float32Array(64 * 64), [64, 64]);
    const of = (dispatches: number): ReturnType<typeof device.capture> =>
      device.capture(() => {
        let y = softmax(x);
        for (let i = 1; i < dispatches; i++) {
          const next = softmax(y);
          y.dispose();
          y = next;
        }
        return y;
      });
    const graphs = [of(8), of(248)] as const;
    for (const graph of graphs) {
      await graph.ready();
      for (let i = 0; i < 2000; i++) graph.replay();
    }
    const pool = device.memory.allocatedBytes;
    // The least of several rounds: the engine itself allocates now and then.
    const grown = [Infinity, Infinity];
    for (let round = 0; round < 5; round++) {
      for (const [index, graph] of graphs.entries()) {
        await heapBytes();
        const before = process.memoryUsage().heapUsed;
        // One submission each, so that what that allocates is the same in both.
        for (let i = 0; i < 100; i++) {
          graph.replay();
          device.flush();
        }
        grown[index] = Math.min(grown[index]!, process.memoryUsage().heapUsed - before);
        await device.finished();
      }
    }
    const perDispatch = (grown[1]! - grown[0]!) / (100 * 240);
    // No object is as small as that.
    expect(perDispatch).toBeLessThan(12);
    expect(device.memory.allocatedBytes).toBe(pool);
    for (const graph of graphs) graph.dispose();
  });
});
