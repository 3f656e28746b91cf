// The library in a real browser. Chromium's software adapter has no half precision, subgroups of four, workgroups of at
// most 256 invocations and the bounds checks that every browser has: the opposite corner from the adapters of test/gpu.
import { afterAll, describe, expect, it } from 'vitest';
import type { Case, Operation } from '../../../src/kernels/define.ts';
import { registry } from '../../../src/kernels/registry.ts';
import {
  cumsum,
  DTypeError,
  openDevice,
  segmentReduce,
  segmentScan,
  sum,
  type Device,
} from '../../../src/index.ts';
import { checkCase } from '../../gpu/support/checkCase.ts';
import { casesAtCorner, corners, evenShare } from '../../gpu/support/corners.ts';

// Opened before the cases are listed, because the adapter decides which of them can run.
const device = await openDevice();
afterAll(() => device.destroy());

/** Cases of one kernel, and corners of its space: test/gpu runs all of them; compiling shaders is what takes the time here. */
const CASES_PER_KERNEL = 10;
const CORNERS_PER_KERNEL = 6;

/** At each corner of a space one case runs, and not the smallest: compiling its shader is what takes the time here. */
const LEAST_FLOPS = 10_000;

/** Whether the adapter has the data types of a case at all. */
function representable(operation: Operation<unknown>, { problem }: Case<unknown>): boolean {
  const specs = [...operation.inputs(problem), ...operation.outputs(problem)];
  return device.capabilities.f16 || specs.every(({ dtype }) => dtype !== 'f16');
}

it('says plainly that a data type is missing', () => {
  if (device.capabilities.f16) return;
  expect(() => device.empty([1], 'f16')).toThrow(DTypeError);
  expect(() => device.empty([1], 'f16')).toThrow(/no half precision.*use f32/);
});

it('makes the bits of the CPU path where they are to be reproducible', async () => {
  // 10^-9 to 10^9 and both signs: in f32 every order of additions gives other sums.
  const numbers = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(i * i) * 10 ** ((i % 19) - 9));
  const offsets = [0, 1, 1, 700, 6000];
  const reproducible = true;
  const bitsOn = async (where: Device): Promise<ArrayLike<number>[]> => {
    const x = where.tensor(numbers, [numbers.length]);
    const rows = where.tensor(numbers, [2, 300, 10]);
    const results = [
      sum(x, { reproducible }),
      cumsum(x, { reproducible }),
      cumsum(rows, { reproducible, axis: 1, exclusive: true, reverse: true }),
      segmentReduce(x, offsets, { reproducible, op: 'mean' }),
      segmentScan(x, offsets, { reproducible }),
    ];
    return Promise.all(results.map(async (y) => new Uint32Array((await y.read()).buffer)));
  };
  expect(await bitsOn(device)).toEqual(await bitsOn(await openDevice({ backend: 'cpu' })));
});

describe.each(registry)('$operation.name', ({ operation, cases }) => {
  describe.each(operation.kernels)('$name', (kernel) => {
    const turn = operation.kernels.indexOf(kernel);
    const possible = cases.filter((testCase) => representable(operation, testCase));

    it.each(evenShare(possible, CASES_PER_KERNEL, turn))('$name', async (testCase) => {
      const { problem } = testCase;
      const supported = kernel.supports(problem, device.capabilities);
      if (supported !== true) {
        expect(supported.length, 'a kernel that declines says why').toBeGreaterThan(10);
        return;
      }
      const config = kernel.heuristic(problem, device.capabilities);
      expect(kernel.legal(config, problem, device.capabilities), 'the heuristic config is legal').toBe(true);
      await checkCase(device, operation, kernel, testCase, config);
    });

    const all = corners(kernel.space).map((config, corner) => ({ config, corner }));
    it.each(evenShare(all, CORNERS_PER_KERNEL, turn))('at the corner $config', async ({ config, corner }) => {
      const testCase = casesAtCorner(cases, corner, corners(kernel.space).length).find(
        (candidate) =>
          representable(operation, candidate) &&
          operation.flops(candidate.problem) >= LEAST_FLOPS &&
          kernel.supports(candidate.problem, device.capabilities) === true &&
          kernel.legal(config, candidate.problem, device.capabilities),
      );
      if (testCase) await checkCase(device, operation, kernel, testCase, config);
    });
  });
});
