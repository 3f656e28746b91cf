import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOutput, type Checker } from '../../bench/measure/check.ts';
import { freivaldsCheck } from '../../bench/measure/freivalds.ts';
import { DISTINCT, randomElements } from '../../bench/measure/inputs.ts';
import { Operand } from '../../bench/measure/operand.ts';
import { Random } from '../../bench/measure/random.ts';
import { clockStepNs } from '../../bench/measure/timing.ts';
import {
  adjustForCount,
  differenceProbability,
  estimateMedian,
  leastDifferenceProbability,
  ratioOfSeparateMedians,
} from '../../bench/measure/statistics.ts';
import { attentionChecker } from '../../bench/suites/attention.ts';
import { matmulChecker } from '../../bench/suites/matmul.ts';
import { normChecker } from '../../bench/suites/norm.ts';
import { reductionChecker } from '../../bench/suites/reduction.ts';
import { scanChecker } from '../../bench/suites/scan.ts';
import { softmaxChecker } from '../../bench/suites/softmax.ts';
import { sortChecker } from '../../bench/suites/sort.ts';
import { attentionProblem, CAUSAL } from '../../src/kernels/attention/cases.ts';
import {
  attentionOperation,
  matmulOperation,
  normOperation,
  reductionOperation,
  scanOperation,
  softmaxOperation,
  sortOperation,
} from '../../src/kernels/checked.ts';
import type { CheckedOperation } from '../../src/kernels/define.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { layerProblem } from '../../src/kernels/norm/cases.ts';
import type { SortProblem } from '../../src/reference/sort.ts';
import { reductionProblem } from '../../src/reference/reduction.ts';
import { decodeElements, encodeElements } from '../../src/tensor.ts';

describe('differences beyond noise', () => {
  const low = [10, 11, 12, 13, 14];
  const high = [20, 21, 22, 23, 24];

  it('gives samples that lie apart what two of all their divisions do', () => {
    // 2 of the 252 ways to divide ten samples; by ten thousand permutations, give or take three standard errors.
    expect(leastDifferenceProbability(5, 5)).toBeCloseTo(2 / 252, 9);
    expect(leastDifferenceProbability(3, 9)).toBeCloseTo(2 / 220, 9);
    expect(Math.abs(differenceProbability(low, high) - 2 / 252)).toBeLessThan(0.003);
    expect(differenceProbability(low, high)).toBe(differenceProbability(low, high));
  });

  it('finds none between equal samples, and is not swayed by how far out an outlier is', () => {
    expect(differenceProbability(low, low)).toBe(1);
    expect(differenceProbability([...low, 1e9], [...high, 30])).toBe(
      differenceProbability([...low, 31], [...high, 30]),
    );
  });

  it('is never certain', () => {
    const many = (from: number): number[] => Array.from({ length: 40 }, (_, i) => from + i);
    expect(differenceProbability(many(0), many(1000))).toBe(1 / 10_001);
    expect(leastDifferenceProbability(500, 500)).toBe(1 / 10_001);
  });

  it('adjusts for the number of tests as p.adjust of R does with the method of Holm', () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    const adjusted = adjustForCount([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((want, index) => expect(adjusted[index]).toBeCloseTo(want, 12));
    expect(adjustForCount([])).toEqual([]);
    expect(adjustForCount([0.7, 0.9])).toEqual([1, 1]);
  });

  it('gives the ratio of medians an interval that holds it', () => {
    const { median, low: least, high: most, n } = ratioOfSeparateMedians(high, low);
    expect([median, n]).toEqual([22 / 12, 5]);
    expect(least).toBeLessThan(median);
    expect(most).toBeGreaterThan(median);
    expect(() => ratioOfSeparateMedians([], low)).toThrow(RangeError);
  });
});

describe('estimateMedian', () => {
  it('gives the median and the ranks of the binomial distribution', () => {
    // For 10 samples the table (Conover, table A3) gives the 2nd and the 9th: 97.9 %.
    const samples = [5, 3, 9, 1, 7, 2, 8, 4, 10, 6];
    expect(estimateMedian(samples)).toEqual({ median: 5.5, low: 2, high: 9, n: 10, samples });
    // For 6 the first and the last are just enough: 1 - 2/64 = 96.9 %.
    expect(estimateMedian([6, 1, 2, 3, 4, 5])).toMatchObject({ low: 1, high: 6 });
    // For 20 the 6th and the 15th: 95.9 %.
    const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(estimateMedian(twenty)).toMatchObject({ low: 6, high: 15 });
  });

  it('shows all that was seen where samples are few', () => {
    expect(estimateMedian([4])).toEqual({ median: 4, low: 4, high: 4, n: 1, samples: [4] });
    expect(estimateMedian([1, 5, 2])).toEqual({ median: 2, low: 1, high: 5, n: 3, samples: [1, 5, 2] });
    expect(() => estimateMedian([])).toThrow(RangeError);
  });

  it('holds the median of the distribution in 95 of 100 cases', () => {
    const random = new Random(5);
    let held = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = estimateMedian(Array.from({ length: 25 }, () => random.integer(1_000_001)));
      if (low <= 500_000 && high >= 500_000) held++;
    }
    expect(held / trials).toBeGreaterThan(0.94);
  });

  it('keeps low <= median <= high', () => {
    assert(
      property(array(integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 600 }), (samples) => {
        const { low, median, high, n } = estimateMedian(samples);
        expect(low).toBeLessThanOrEqual(median);
        expect(high).toBeGreaterThanOrEqual(median);
        expect(n).toBe(samples.length);
      }),
    );
  });
});

describe('clockStepNs', () => {
  it('finds the step that all times are multiples of', () => {
    expect(clockStepNs([65_536 * 3, 65_536 * 5, 65_536 * 8])).toBe(65_536);
    expect(clockStepNs([320, 96, 64])).toBe(32);
    expect(clockStepNs([1001, 1000])).toBe(1);
    expect(clockStepNs([0, 0])).toBe(0);
  });
});

describe('Operand', () => {
  it('is the same numbers as the tests use, also beyond the numbers that are drawn', () => {
    const spec = { shape: [3, 400_000], dtype: 'f32' } as const;
    const operand = new Operand(spec, 3);
    const all = randomElements(spec, 3);
    expect(operand.slice(DISTINCT - 5, 10)).toEqual(all.slice(DISTINCT - 5, DISTINCT + 5));
    expect(operand.at(1_199_999)).toBe(all[1_199_999]);
    expect(operand.values().every((value, index) => value === all[index])).toBe(true);
  });
});

function product(m: number, n: number, k: number, dtype: 'f32' | 'f16' | 'i32', transposeB: boolean) {
  const problem = matmulProblem(m, n, k, { dtype, transposeB });
  const operands = matmulOperation.inputs(problem).map((spec, index) => new Operand(spec, 1 + index));
  const [exact] = matmulOperation.reference(
    problem,
    operands.map((operand) => operand.values()),
  );
  // Rounded as a device stores it.
  const c = decodeElements(encodeElements(exact!, dtype).buffer, dtype, exact!.length).slice();
  return { problem, operands, c };
}

describe("Freivalds' check", () => {
  const options = { rounds: 3, maxSteps: 200_000 };
  const cases = [
    ['f32', true],
    ['f16', false],
    ['i32', true],
  ] as const;

  it.each(cases)('passes a right product (%s, transposed weights: %s)', (dtype, transposeB) => {
    const { problem, operands, c } = product(40, 96, 64, dtype, transposeB);
    const [a, b] = operands as [Operand, Operand];
    for (let seed = 0; seed < 20; seed++) {
      expect(freivaldsCheck(problem, a, b, c, new Random(seed), options)).toMatchObject({ passed: true });
    }
  });

  it.each(cases)('catches one wrong element, and says where (%s)', (dtype, transposeB) => {
    const { problem, operands, c } = product(40, 96, 64, dtype, transposeB);
    const [a, b] = operands as [Operand, Operand];
    c[17 * 96 + 50]! += 10;
    const result = freivaldsCheck(problem, a, b, c, new Random(1), options);
    expect(result).toMatchObject({ passed: false, row: 17 });
    expect(result.column).toBeLessThanOrEqual(50);
    expect(result.column + result.blockColumns).toBeGreaterThan(50);
  });

  it('catches a sum of integers that is off by 1', () => {
    const { problem, operands, c } = product(40, 96, 64, 'i32', true);
    const [a, b] = operands as [Operand, Operand];
    c[17 * 96 + 50]! += 1;
    expect(freivaldsCheck(problem, a, b, c, new Random(1), options)).toMatchObject({
      passed: false,
      row: 17,
    });
  });

  it('catches a row of zeros, two rows exchanged, and NaN', () => {
    const { problem, operands, c } = product(40, 96, 64, 'f32', true);
    const [a, b] = operands as [Operand, Operand];
    const check = (values: ArrayLike<number>) =>
      freivaldsCheck(problem, a, b, values, new Random(2), { rounds: 3, maxSteps: 0 }).passed;
    expect(check(c)).toBe(true);
    expect(check(c.slice().fill(0, 39 * 96))).toBe(false);
    const exchanged = c.slice();
    exchanged.copyWithin(0, 96, 192);
    expect(check(exchanged)).toBe(false);
    const withNaN = c.slice();
    withNaN[5] = NaN;
    expect(check(withNaN)).toBe(false);
  });
});

/** What a device would store for a problem, in f32. */
function stored<P>(operation: CheckedOperation<P>, problem: P, operands: readonly Operand[]): Float64Array {
  const [exact] = operation.reference(
    problem,
    operands.map((operand) => operand.values()),
  );
  const { dtype } = operation.outputs(problem)[0]!;
  return Float64Array.from(decodeElements(encodeElements(exact!, dtype).buffer, dtype, exact!.length));
}

interface CheckedCase {
  readonly name: string;
  readonly operation: CheckedOperation<unknown>;
  readonly checker: Checker<unknown>;
  readonly problem: unknown;
}

function checkedCase<P>(
  name: string,
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
): CheckedCase {
  return { name, operation, checker, problem };
}

const activations = [40, 300] as const;

const checkedCases: readonly CheckedCase[] = [
  checkedCase('matmul', matmulOperation, matmulChecker, matmulProblem(30, 70, 50, { transposeB: true })),
  checkedCase(
    'causal attention with shared heads',
    attentionOperation,
    attentionChecker,
    attentionProblem(40, 40, 16, { heads: 6, kvHeads: 2, ...CAUSAL['upper-left'], dtype: 'f16' }),
  ),
  checkedCase(
    'attention to the end of a cache',
    attentionOperation,
    attentionChecker,
    attentionProblem(3, 90, 8, { heads: 4, kvHeads: 2, ...CAUSAL['lower-right'] }),
  ),
  checkedCase(
    'sum of rows',
    reductionOperation,
    reductionChecker,
    reductionProblem('sum', 'f32', activations, new Set([1]))!,
  ),
  checkedCase(
    'mean of columns',
    reductionOperation,
    reductionChecker,
    reductionProblem('mean', 'f16', activations, new Set([0]))!,
  ),
  checkedCase(
    'argmax of rows',
    reductionOperation,
    reductionChecker,
    reductionProblem('argmax', 'f32', activations, new Set([1]))!,
  ),
  checkedCase(
    'matmul with weights of int4',
    matmulOperation,
    matmulChecker,
    matmulProblem(24, 40, 200, {
      quantized: { dtype: 'int4', blockSize: 64, scaleType: 'f16', zeroPoints: true },
    }),
  ),
  checkedCase('scan of columns', scanOperation, scanChecker, {
    operator: 'sum',
    dtype: 'f32',
    outer: 3,
    length: 100,
    inner: 40,
    exclusive: false,
    reverse: true,
  }),
  checkedCase(
    'layerNorm with a residual',
    normOperation,
    normChecker,
    layerProblem('layer', 'f32', activations, [1], { scale: true, bias: true, residual: true }),
  ),
  checkedCase('softmax', softmaxOperation, softmaxChecker, {
    log: false,
    dtype: 'f32',
    outer: 60,
    length: 90,
    inner: 1,
  }),
];

describe('checkOutput of several outputs', () => {
  const problem: SortProblem = {
    dtype: 'f32',
    outer: 4,
    length: 90,
    inner: 5,
    count: 7,
    descending: true,
    results: 'both',
  };
  const operands = sortOperation.inputs(problem).map((spec) => new Operand(spec, 1));
  const right = sortOperation.reference(
    problem,
    operands.map((operand) => operand.values()),
  );

  it.each([
    ['every element', 1e9],
    ['2 of 20 rows', 1],
  ])('compares all of them: %s', (method, maxSteps) => {
    const options = { maxSteps, seed: 1 };
    const check = checkOutput(sortOperation, sortChecker, problem, operands, right, options);
    expect(check).toMatchObject({ passed: true, method });
    for (const wrong of [0, 1]) {
      const outputs = right.map((values, index) =>
        index === wrong ? values.map((value) => value + 1) : values,
      );
      expect(checkOutput(sortOperation, sortChecker, problem, operands, outputs, options)).toMatchObject({
        passed: false,
        maxError: 1,
      });
    }
  });
});

describe('checkOutput', () => {
  const everything = { maxSteps: 1e9, seed: 1 };
  const sample = { maxSteps: 3000, seed: 1 };

  it.each(checkedCases)(
    'passes right results of $name, whole and sampled',
    ({ operation, checker, problem }) => {
      const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, 1 + index));
      const output = stored(operation, problem, operands);
      const whole = checkOutput(operation, checker, problem, operands, [output], everything);
      expect(whole).toMatchObject({ passed: true, method: 'every element' });
      const sampled = checkOutput(operation, checker, problem, operands, [output], sample);
      expect(sampled).toMatchObject({ passed: true });
      expect(sampled.method).not.toBe('every element');
    },
  );

  it.each(checkedCases)('catches wrong results of $name', ({ operation, checker, problem }) => {
    const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, 1 + index));
    const output = stored(operation, problem, operands).map((value) => value + 1000);
    for (const options of [everything, sample]) {
      const check = checkOutput(operation, checker, problem, operands, [output], options);
      expect(check.passed).toBe(false);
      expect(check.maxError).toBeGreaterThan(check.tolerance);
      expect(check.problem).toMatch(/^element \d+ is .* instead of /);
    }
  });

  it('looks at the first and the last row of a sample: edges err first', () => {
    const problem = { log: false, dtype: 'f32', outer: 60, length: 90, inner: 1 } as const;
    const operands = softmaxOperation.inputs(problem).map((spec) => new Operand(spec, 1));
    for (const index of [0, 60 * 90 - 1]) {
      const output = stored(softmaxOperation, problem, operands);
      output[index]! += 0.5;
      const check = checkOutput(softmaxOperation, softmaxChecker, problem, operands, [output], sample);
      expect(check).toMatchObject({ passed: false });
      expect(check.problem).toContain(`element ${index} is`);
    }
  });
});
