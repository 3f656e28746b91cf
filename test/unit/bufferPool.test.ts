import { expect, it } from 'vitest';
import { BufferPool } from '../../src/runtime/bufferPool.ts';

/** A device that gives any memory, and binds what NVIDIA's do. */
const LIMIT = 2 ** 31 - 4;
const device = {
  limits: { maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: LIMIT },
  pushErrorScope: () => undefined,
  popErrorScope: () => Promise.resolve(null),
  createBuffer: ({ size }: GPUBufferDescriptor) => ({ size }),
} as unknown as GPUDevice;

it('rounds sizes up, but never beyond what the device binds', () => {
  const pool = new BufferPool(device);
  const slotBytes = (sizeBytes: number): number => pool.acquire(sizeBytes).slab.slotBytes;
  expect(slotBytes(1)).toBe(256);
  expect(slotBytes(70_000)).toBe(73_728);
  expect(slotBytes(LIMIT - 4096)).toBe(LIMIT);
  expect(slotBytes(LIMIT)).toBe(LIMIT);
});

it('gives the host what has been free longest, whichever buffer it is in', () => {
  const pool = new BufferPool(device);
  const [first, second, ...others] = Array.from({ length: 4096 }, () => pool.acquire(4));
  expect(new Set(others.map(({ buffer }) => buffer)).size).toBe(2);
  first!.release();
  second!.release();
  for (const storage of others.filter(({ buffer }) => buffer !== first!.buffer)) storage.release();
  const taken = new Set(
    Array.from({ length: 2050 }, () => {
      const storage = pool.acquireForHost(4);
      storage.release();
      return storage;
    }),
  );
  expect(taken.size).toBe(2050);
  expect(pool.allocatedBytes).toBe(2 * 2048 * 256);
});
