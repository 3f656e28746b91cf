// The random calls of test/fuzz/ know every operation: who adds one adds it there.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import * as tilewise from '../../src/index.ts';
import { rounds } from '../fuzz/calls/index.ts';
import { asked } from '../fuzz/library.ts';
import { computeOnCpu, type Call } from '../fuzz/perform.ts';

/** What runs no work on tensors. */
const OTHERS = new Set(['openDevice', 'explain']);

it('every function that is exported and records work is among the random calls', async () => {
  const byName = new Map<string, Call>();
  for (const call of fc.sample(rounds(1), { numRuns: 3000, seed: 1 }).flat())
    if (!byName.has(call.op) && !call.fault) byName.set(call.op, call);
  for (const call of byName.values()) await computeOnCpu(call);
  const operations = Object.entries(tilewise).filter(
    ([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && !OTHERS.has(name),
  );
  expect(operations.map(([name]) => name).filter((name) => !asked.has(name))).toEqual([]);
});
