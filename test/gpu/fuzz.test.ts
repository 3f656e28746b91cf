// Random calls of the whole API on the GPU against the CPU path: nothing crashes, and nothing is silently wrong. What was found once is in
// test/fuzz/found.json, and runs first.
//
//   npm run fuzz                                         100,000 calls, from a seed that is printed
//   TILEWISE_FUZZ_CALLS=5000 TILEWISE_FUZZ_SEED=7 npm test -- --project gpu test/gpu/fuzz.test.ts
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GpuDevice } from '../../src/node.ts';
import { calls } from '../fuzz/calls.ts';
import found from '../fuzz/found.json' with { type: 'json' };
import { differenceOf, type Call } from '../fuzz/perform.ts';
import { testDevice } from './support/device.ts';

/** Few enough for every change; compiling the shaders is what takes the time. */
const COUNT = Number(process.env['TILEWISE_FUZZ_CALLS'] ?? 100);
// A long run is worth more from a seed of its own.
const SEED = Number(
  process.env['TILEWISE_FUZZ_SEED'] ?? (process.env['TILEWISE_FUZZ_CALLS'] ? Date.now() % 1_000_000 : 1),
);

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

describe('a call that was wrong once', () => {
  it.each(found as unknown as { why: string; call: Call }[])('$why', async ({ call }) => {
    expect(await differenceOf(device, call)).toBeUndefined();
  });
});

it(`${COUNT} random calls, seed ${SEED}, do on the GPU what the CPU path does`, { timeout: 0 }, async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const difference = await differenceOf(device, call);
      if (difference !== undefined) throw new Error(`${difference}\n${JSON.stringify(call)}`);
    }),
    { numRuns: COUNT, seed: SEED, endOnFailure: true },
  );
});
