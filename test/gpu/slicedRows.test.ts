// Rotary embedding and writing to a cache where tensors are larger than a device binds at once: cut along sequences, heads, tokens, rows
// of the cache and rows of the tables of angles.
import { beforeAll, expect, it } from 'vitest';
import { writeRowsOperation } from '../../src/kernels/checked.ts';
import { slicedPlan, slicesOf } from '../../src/kernels/slicing.ts';
import { writeRowsCases } from '../../src/kernels/writeRows/cases.ts';
import type { GpuDevice } from '../../src/node.ts';
import { checkCase } from './support/checkCase.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 1280;

let narrow: GpuDevice;
beforeAll(async () => {
  narrow = await narrowDevice(LIMIT);
  return () => narrow.destroy();
});

const [move] = writeRowsOperation.kernels;

const sliced = {
  ...move!,
  plan: (...[problem, config, caps]: Parameters<NonNullable<typeof move>['plan']>) =>
    slicedPlan(writeRowsOperation, problem, caps, (part) => move!.plan(part, config, caps)),
};

it.each(writeRowsCases)('$name', async (testCase) => {
  expect(slicesOf(writeRowsOperation, testCase.problem, narrow.capabilities)?.length).toBeGreaterThan(1);
  await checkCase(narrow, writeRowsOperation, sliced, testCase, {});
});
