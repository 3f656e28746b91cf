import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerators, findAccelerator, publishedMeasurements } from '../../bench/catalog/index.ts';
import type { Accelerator, ArithmeticUnit } from '../../bench/catalog/index.ts';
import { minimise } from '../../bench/estimate/fit/minimise.ts';
import { observationOf } from '../../bench/estimate/fit/observations.ts';
import { allReduceNs, linkOf } from '../../bench/estimate/model/allReduce.ts';
import {
  attentionArithmeticNs,
  attentionFlops,
  attentionScores,
} from '../../bench/estimate/model/attention.ts';
import { hardwareOf, teraflopsAtBoost } from '../../bench/estimate/model/hardware.ts';
import { rateInterval } from '../../bench/estimate/model/interval.ts';
import { bestTiling } from '../../bench/estimate/model/matmul.ts';
import { FORM } from '../../bench/estimate/model/parameters.ts';
import type { Form } from '../../bench/estimate/model/parameters.ts';
import { clockUnderLoad, slowedByPower } from '../../bench/estimate/model/power.ts';
import { predict } from '../../bench/estimate/model/predict.ts';
import { memoryNs } from '../../bench/estimate/model/stream.ts';
import { VENDOR_PARAMETERS } from '../../bench/estimate/model/vendor.ts';
import { attentionOperation, matmulOperation, streamOperation } from '../../bench/estimate/operations.ts';
import { place } from '../../bench/estimate/place.ts';
import { priceAge } from '../../bench/estimate/price.ts';
import type { Operation } from '../../bench/estimate/index.ts';
import { resolveUnit } from '../../bench/estimate/units.ts';

function accelerator(id: string): Accelerator {
  const found = findAccelerator(id);
  if (!found) throw new Error(id);
  return found;
}

const h100 = hardwareOf(accelerator('nvidia-h100-sxm'), 'fp16Tensor');
const a100 = hardwareOf(accelerator('nvidia-a100-sxm-80'), 'fp16Tensor');

describe('resolveUnit', () => {
  it.each([
    ['matrix units where subgroup matrices reach them', 'nvidia-a100-sxm-80', 'fp16Tensor', 'fp16Tensor'],
    ['the fp32 rate where WebGPU has no matrices', 'nvidia-v100-sxm2-16', 'fp16Tensor', 'fp32'],
    ['the fp32 rate where there are no matrices', 'nvidia-p100-pcie-16', 'fp16Tensor', 'fp32'],
    ['never TF32 for single precision', 'nvidia-h100-sxm', 'fp32', 'fp32'],
    ['the vector rate when asked for', 'nvidia-h100-sxm', 'fp16Vector', 'fp16Vector'],
    ['the fp32 rate for an unknown vector rate', 'nvidia-a40', 'fp16Vector', 'fp32'],
    ['f16 for types that WebGPU has no matrices of', 'nvidia-h100-sxm', 'fp8Tensor', 'fp16Tensor'],
    ['8-bit integers, which it has', 'nvidia-h100-sxm', 'int8Tensor', 'int8Tensor'],
    ['the bf16 rate of a TPU, for comparison', 'google-tpu-v4', 'fp16Tensor', 'bf16Tensor'],
    ['the matrix rate beyond WebGPU', 'aws-trainium2', 'fp16Tensor', 'fp16Tensor'],
    ['the unit asked for where nothing is known', 'nvidia-h100-nvl', 'fp16Tensor', 'fp16Tensor'],
  ] as const)('takes %s (%s)', (_what, id, wanted, unit) => {
    expect(resolveUnit(wanted, accelerator(id)).unit).toBe(unit);
  });

  it("takes a vendor's own matrix units for its library", () => {
    const volta = accelerator('nvidia-v100-sxm2-16');
    expect(resolveUnit('fp16Tensor', volta, 'vendor').unit).toBe('fp16Tensor');
    expect(resolveUnit('fp8Tensor', accelerator('nvidia-h100-sxm'), 'vendor').unit).toBe('fp8Tensor');
    expect(resolveUnit('bf16Tensor', volta, 'vendor')).toEqual({
      unit: 'fp16Tensor',
      assumptions: ['No bf16 rate is published; the fp16 rate stands in for it.'],
    });
  });
});

describe('hardwareOf', () => {
  it('tells instructions that wait for their product from those that do not, by rates alone', () => {
    const asynchronous = accelerators.filter((row) => hardwareOf(row, 'fp16Tensor').asynchronousMatrix);
    expect(asynchronous.map(({ id }) => id)).toEqual([
      'nvidia-h100-sxm',
      'nvidia-h100-pcie',
      'nvidia-h200-sxm',
      'nvidia-gh200-96',
      'nvidia-gh200-144',
      'nvidia-b200',
      'nvidia-b300',
      'nvidia-gb200',
      'nvidia-gb300',
      'nvidia-rubin',
    ]);
  });

  it('knows what cooperative matrices reach of the newer tensor cores', () => {
    const ceiling = (id: string): number =>
      hardwareOf(accelerator(id), 'fp16Tensor', { synchronous: true }).instructionCeiling;
    expect(ceiling('nvidia-h100-sxm')).toBeCloseTo(0.629, 3);
    expect(ceiling('nvidia-b200')).toBeCloseTo(0.629 / 2, 6);
    expect(ceiling('nvidia-a100-sxm-80')).toBe(1);
    expect(h100.instructionCeiling).toBe(1);
  });

  it('takes the peak at the highest clock, where the data sheet states it at another', () => {
    // 4096 operations a clock on 132 processors: 989 TFLOP/s at 1.83 GHz.
    expect(h100.flopsPerNs).toBeCloseTo(4096 * 132 * 1.98, 6);
    const fp8 = hardwareOf(accelerator('nvidia-h100-sxm'), 'fp8Tensor');
    expect(fp8.flopsPerNs).toBeCloseTo(8192 * 132 * 1.98, 6);
    // The rate in single precision is at 1.98 GHz already; those of the A100 are at its 1.41.
    expect(hardwareOf(accelerator('nvidia-h100-sxm'), 'fp32').flopsPerNs).toBe(67e3);
    expect(a100.flopsPerNs).toBe(312e3);
  });

  it.each(accelerators.map((row) => [row.id, row] as const))(
    'of %s is 10%% above the data sheet at most',
    (_id, row) => {
      for (const [unit, stated] of Object.entries(row.peakTflops)) {
        if (stated === undefined) continue;
        const share = teraflopsAtBoost(row, unit as ArithmeticUnit)! / stated;
        expect(share).toBeGreaterThanOrEqual(1);
        expect(share).toBeLessThan(1.1);
      }
    },
  );

  it('takes the year of the silicon, not of the product', () => {
    expect(hardwareOf(accelerator('nvidia-h200-sxm'), 'fp16Tensor').year).toBe(2022);
    expect(hardwareOf(accelerator('nvidia-gh200-96'), 'fp16Tensor').year).toBe(2022);
    expect(hardwareOf(accelerator('nvidia-b300'), 'fp16Tensor').year).toBe(2024);
  });

  it('divides a share alike', () => {
    const half = hardwareOf(accelerator('nvidia-l4'), 'fp16Tensor', { share: 0.5 });
    expect(half).toMatchObject({ flopsPerNs: 60500, bytesPerNs: 150, processors: 29, boardWatts: 36 });
  });

  it('gives the same work the same time under any name', () => {
    const { name: _name, id: _id, ...rest } = accelerator('nvidia-h100-sxm');
    expect(hardwareOf({ ...rest, name: 'x', id: 'y' }, 'fp16Tensor')).toEqual(h100);
  });
});

describe('bestTiling', () => {
  it('counts waves by hand', () => {
    // 16 x 16 tiles of 128 x 128 are 256: two waves on 132 processors, 256 / 264 of them busy.
    const square = bestTiling({ kind: 'matmul', m: 2048, n: 2048, k: 2048 }, 132);
    expect(square.efficiency).toBeCloseTo(256 / 264, 9);
    // 108 tiles of 128 x 128 on 108 processors: one full wave.
    expect(bestTiling({ kind: 'matmul', m: 1536, n: 1152, k: 4096 }, 108).efficiency).toBe(1);
    // One row more makes another row of tiles.
    expect(bestTiling({ kind: 'matmul', m: 1537, n: 1152, k: 4096 }, 108).efficiency).toBeLessThan(0.8);
  });

  it('takes narrow tiles for few rows', () => {
    expect(bestTiling({ kind: 'matmul', m: 16, n: 16896, k: 8192 }, 132)).toMatchObject({
      tileM: 16,
      tileN: 128,
      efficiency: 1,
    });
  });

  it('never finds more than there is, nor nothing', () => {
    const size = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 1, max: 300 }), (m, n, k, processors) => {
        const { efficiency } = bestTiling({ kind: 'matmul', m, n, k }, processors);
        expect(efficiency).toBeGreaterThan(0);
        expect(efficiency).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the clock under load', () => {
  it('is the cube root of what the limit allows', () => {
    // Energy 1 pJ, H100 at 1.98 GHz, Hopper of 2022: W at boost worked by hand.
    const { sustained, wattsAtBoost } = clockUnderLoad(h100, { energyPj: 1, form: FORM }, 0.8);
    const peak = 4096 * 132 * 1.98;
    const watts = 1.98 ** 2 * (4096 / 1024) ** (-1 / 3) * 2 ** (-2 / 4) * (peak / 1e3) * 0.8;
    expect(wattsAtBoost).toBeCloseTo(watts, 6);
    expect(sustained).toBeCloseTo(Math.cbrt((700 * 0.85) / watts), 9);
  });

  it('is boost where little is asked for', () => {
    expect(clockUnderLoad(h100, VENDOR_PARAMETERS, 0.1).sustained).toBe(1);
    expect(clockUnderLoad(hardwareOf(accelerator('nvidia-h100-sxm'), 'fp32'), VENDOR_PARAMETERS, 1)).toEqual({
      sustained: 1,
      wattsAtBoost: undefined,
    });
  });

  it('sinks the longer a board is busy', () => {
    const clock = { sustained: 0.5, wattsAtBoost: 1000 };
    expect(slowedByPower(100, clock, 0)).toBe(100);
    expect(slowedByPower(100, clock, 30e6)).toBe(150);
    expect(slowedByPower(100, clock, 1e18)).toBeCloseTo(200, 6);
  });

  it('explains why a larger product may run slower', () => {
    const rate = (size: number): number => {
      const operation = matmulOperation({ m: size, n: size, k: size }, 'f16');
      const l40s = hardwareOf(accelerator('nvidia-l40s'), 'fp16Tensor');
      return operation.flops / predict(operation, l40s, VENDOR_PARAMETERS).totalNs;
    };
    // Published: 251 TFLOP/s at 2048, 187 at 8192 (github ai-dynamo/aiconfigurator@095f58a5).
    expect(rate(2048)).toBeGreaterThan(rate(8192));
  });
});

describe('attention', () => {
  const shape = {
    kind: 'attention',
    batch: 1,
    heads: 32,
    kvHeads: 8,
    seqLenQ: 4096,
    seqLenKv: 4096,
    headDim: 128,
    causal: true,
  } as const;

  it('counts half of the scores under a causal mask', () => {
    expect(attentionFlops(shape)).toBe((4 * 32 * 128 * 4096 * 4097) / 2);
    expect(attentionFlops({ ...shape, causal: false })).toBe(4 * 32 * 128 * 4096 * 4096);
  });

  it.each([
    [3, 5, 3 + 4 + 5],
    [5, 3, 1 + 2 + 3],
    [4, 1, 1],
  ])('lets the last of %i queries see all of %i keys under a causal mask', (seqLenQ, seqLenKv, pairs) => {
    expect(attentionFlops({ ...shape, seqLenQ, seqLenKv })).toBe(4 * 32 * 128 * pairs);
    // The same in whole tiles of 128 x 128.
    const tiled = { ...shape, seqLenQ: 128 * seqLenQ, seqLenKv: 128 * seqLenKv };
    expect(attentionScores(tiled)).toBe(32 * 128 * 128 * pairs);
  });

  it('takes matrix units and softmax together, worked by hand for an H100', () => {
    const matrix = (4 * 128) / (4096 * 132 * 1.98) / VENDOR_PARAMETERS.issue;
    const softmax = 1 / (16 * 132 * 1.98) + 4 / (67000 / 2);
    // 32 rows of tiles: 32 x 33 / 2 tiles a head, and half of the longest row of 32 on every processor.
    const scores = 128 * 128 * (32 * 528 + (132 * 32) / 2);
    expect(attentionArithmeticNs(shape, h100, VENDOR_PARAMETERS)).toBeCloseTo(
      scores * Math.hypot(matrix, softmax),
      3,
    );
  });

  it('loses more where the same lanes issue both', () => {
    const whole = attentionArithmeticNs(shape, a100, { ...VENDOR_PARAMETERS, attentionIssue: 1 });
    expect(attentionArithmeticNs(shape, a100, VENDOR_PARAMETERS)).toBeCloseTo(whole / 0.766, 3);
  });

  it('of one query starts once where keys move without the lanes, and twice where lanes load them', () => {
    const decode = attentionOperation({ ...shape, batch: 32, seqLenQ: 1, causal: false }, 'f16');
    expect(predict(decode, h100, VENDOR_PARAMETERS).overheadNs).toBe(8100);
    expect(predict(decode, a100, VENDOR_PARAMETERS).overheadNs).toBe(16_200);
    const form = { ...FORM, bulkCopies: false };
    expect(predict(decode, h100, { ...VENDOR_PARAMETERS, form }).overheadNs).toBe(16_200);
    const prompt = attentionOperation(shape, 'f16');
    expect(predict(prompt, h100, VENDOR_PARAMETERS).overheadNs).toBe(VENDOR_PARAMETERS.attentionNs);
  });

  it('of one query is bound by the cache of keys and values', () => {
    const decode = attentionOperation({ ...shape, batch: 32, seqLenQ: 1, causal: false }, 'f16');
    const { bottleneck, errorClass } = predict(decode, h100, VENDOR_PARAMETERS);
    expect({ bottleneck, errorClass }).toEqual({ bottleneck: 'memory', errorClass: 'attentionStream' });
  });
});

describe('memory', () => {
  it('moves bytes at the share that is reached', () => {
    expect(memoryNs(3350e6, h100, 0.5)).toEqual({ ns: 2e6, hitShare: 0 });
  });

  it('is left alone by a working set that the cache holds', () => {
    const cache = 50 * 2 ** 20;
    const perNs = (5120 / 108) * 132 * 1.98;
    expect(memoryNs(cache, h100, 0.9, cache)).toEqual({ ns: cache / perNs, hitShare: 1 });
    expect(memoryNs(cache, h100, 0.9, 1.5 * cache).hitShare).toBe(0.5);
    expect(memoryNs(cache, h100, 0.9, 2 * cache).hitShare).toBe(0);
  });
});

describe('bulk copies', () => {
  it.each([
    ['nvidia-t4', false],
    ['nvidia-l40s', false],
    ['nvidia-h200-sxm', true],
    ['nvidia-gh200-96', true],
    ['nvidia-rtx-5090', true],
    ['nvidia-gb300', true],
    ['amd-mi300x', false],
  ])('of %s: %s', (id, expected) => {
    expect(hardwareOf(accelerator(id), 'fp16Tensor').bulkCopies).toBe(expected);
    expect(hardwareOf(accelerator(id), 'fp16Tensor', { synchronous: true }).bulkCopies).toBe(false);
  });

  it('let a product of few rows move at the rate of a stream', () => {
    const few = matmulOperation({ m: 1, n: 65536, k: 65536 }, 'f16');
    const bandwidth = few.bytes / predict(few, h100, VENDOR_PARAMETERS).memoryNs;
    expect(bandwidth).toBeCloseTo(3350 * VENDOR_PARAMETERS.stream, 6);
    const lanes = few.bytes / predict(few, a100, VENDOR_PARAMETERS).memoryNs;
    expect(lanes).toBeCloseTo(2039 * VENDOR_PARAMETERS.matmulStream, 6);
  });
});

describe('the form', () => {
  it('decides how two times overlap', () => {
    const work = matmulOperation({ m: 512, n: 8192, k: 8192 }, 'f16');
    const time = (overlap: Form['overlap']): number =>
      predict(work, a100, { ...VENDOR_PARAMETERS, form: { ...FORM, overlap } }).totalNs;
    expect(time('larger')).toBeLessThan(time('root of squares'));
    expect(time('root of squares')).toBeLessThan(time('sum'));
  });

  it('can leave the power limit out', () => {
    const form = { ...FORM, powerLimit: false };
    expect(clockUnderLoad(h100, { ...VENDOR_PARAMETERS, form }, 1).sustained).toBe(1);
  });
});

describe('the vector lanes', () => {
  const fma: Operation = { name: 'fma', op: 'fma', dtype: 'f32', unit: 'fp32', flops: 1e12, bytes: 1 };
  it.each([
    // 64 lanes a processor: half of the issue slots are free for the rest.
    ['nvidia-a100-sxm-40', 19.5],
    // 128 lanes: every slot would have to be a multiply-add.
    ['nvidia-a40', 0.595 * 84 * 256 * 1.74e-3],
  ])('of %s reach %f TFLOP/s', (id, tflops) => {
    const hardware = hardwareOf(accelerator(id), 'fp32');
    const { totalNs, overheadNs } = predict(fma, hardware, VENDOR_PARAMETERS);
    expect(1e12 / (totalNs - overheadNs) / 1e3).toBeCloseTo(tflops, 1);
  });
});

describe('allReduce', () => {
  it('is latency and twice the message, less a part, over the link', () => {
    const parameters = { allReduceNs: 3_000, allReduceShare: 0.8 };
    const link = { bytesPerNs: 450, throughHost: false };
    expect(allReduceNs(1e6, 8, link, parameters)).toBeCloseTo(14 * 3_000 + (1e6 * 1.75) / 360, 6);
    expect(allReduceNs(1e6, 1, link, parameters)).toBe(0);
    // 28 GB/s of the bus among eight, as was measured over PCIe 5.0.
    const host = { bytesPerNs: 63, throughHost: true };
    expect(allReduceNs(1e9, 8, host, parameters)).toBeCloseTo(14 * 3_000 + (1e9 * 1.75) / 28, 3);
  });

  it.each([
    ['NVLink 4, 900 GB/s both directions', 450, false],
    ['NVLink 5, 1800 GB/s both directions; NVL72 domain', 900, false],
    ['xGMI 448 GB/s per direction (7 x 64)', 448, false],
    ['NVLink bridge 112.5 GB/s both directions; PCIe 4.0', 56.25, false],
    ['PCIe 4.0 x16', 31.5, true],
    ['PCIe 5.0 + NVLink bridge', 63.0, true],
    ['ICI 3D torus', undefined, false],
    [undefined, undefined, false],
  ])('reads "%s" as %s bytes a nanosecond', (text, rate, throughHost) => {
    const read = linkOf(text);
    if (rate === undefined) {
      expect(read).toBeUndefined();
    } else {
      expect(read?.throughHost).toBe(throughHost);
      expect(read?.bytesPerNs).toBeCloseTo(rate, 1);
    }
  });
});

describe('place', () => {
  const operation: Operation = {
    name: 'x',
    op: 'matmul',
    dtype: 'f16',
    unit: 'fp16Tensor',
    flops: 312e9,
    bytes: 2039e3,
  };

  it('never goes below the peaks', () => {
    // 312 GFLOP at 312 TFLOP/s take a millisecond.
    expect(place(operation, accelerator('nvidia-a100-sxm-80'), 1, 'vendor')).toMatchObject({ floorNs: 1e6 });
    expect(place(operation, accelerator('nvidia-a100-sxm-80'), 0.25, 'vendor')).toMatchObject({
      floorNs: 4e6,
    });
  });

  it('places memory-bound work on an accelerator whose arithmetic rate is unknown', () => {
    const placed = place(streamOperation(3900e3), accelerator('nvidia-h100-nvl'), 1, 'vendor');
    expect('assumptions' in placed && placed.assumptions[0]).toContain('fp32 rate is unknown');
  });

  it('refuses work that an unknown figure may decide', () => {
    expect(place(operation, accelerator('nvidia-h100-nvl'), 1, 'vendor')).toEqual({
      missing: 'the fp16Tensor rate of H100 NVL 94GB is unknown',
    });
    expect(place(operation, accelerator('nvidia-t4g'), 1, 'vendor')).toEqual({
      missing: 'the fp16Tensor rate of NVIDIA T4G (AWS g5g) is unknown',
    });
  });

  it('widens the interval where the power limit is unknown', () => {
    const large = matmulOperation({ m: 8192, n: 8192, k: 8192 }, 'f16');
    const sigma = (id: string): number => {
      const placed = place(large, accelerator(id), 1, 'vendor');
      return 'spread' in placed ? placed.spread.sigma : NaN;
    };
    expect(sigma('nvidia-h200-sxm')).toBe(0.124);
    expect(sigma('nvidia-gh200-96')).toBeCloseTo(Math.hypot(0.124, 0.15), 9);
    // A vendor whose libraries were not fitted on.
    expect(sigma('amd-mi300x')).toBeCloseTo(Math.hypot(0.124, 0.2), 9);
  });
});

describe('properties of the model', () => {
  const size = fc.integer({ min: 1, max: 16_384 });
  const id = fc.constantFrom(...accelerators.filter((row) => row.peakTflops.fp16Tensor).map((row) => row.id));

  it('a time is finite, above nothing, and not below the peaks', () => {
    fc.assert(
      fc.property(size, size, size, id, (m, n, k, id) => {
        const operation = matmulOperation({ m, n, k }, 'f16');
        const placed = place(operation, accelerator(id), 1, 'vendor');
        if ('missing' in placed) return;
        expect(placed.prediction.totalNs).toBeGreaterThan(placed.floorNs);
        expect(Number.isFinite(placed.prediction.totalNs)).toBe(true);
      }),
    );
  });

  it('more bandwidth never makes anything slower', () => {
    fc.assert(
      fc.property(size, size, size, fc.double({ min: 1, max: 10, noNaN: true }), (m, n, k, factor) => {
        const operation = matmulOperation({ m, n, k }, 'f16');
        const faster = { ...h100, bytesPerNs: h100.bytesPerNs! * factor };
        const busyNs = 1e15;
        const time = (hardware: typeof h100): number =>
          predict({ ...operation, busyNs }, hardware, VENDOR_PARAMETERS).totalNs;
        expect(time(faster)).toBeLessThanOrEqual(time(h100) * 1.02);
      }),
    );
  });

  it('an interval holds its median', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e15, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (rate, n) => {
          const { low, median, high } = rateInterval(rate, { sigma: 0.2, accelerators: n, points: n });
          expect(low).toBeLessThan(median);
          expect(high).toBeGreaterThan(median);
        },
      ),
    );
  });
});

describe('observationOf', () => {
  const rows = publishedMeasurements.map((row) => ({ row, observation: observationOf(row) }));

  it('reads every kernel but best shapes and attention that is not fused', () => {
    const kernels = rows.filter(({ row }) => ['gemm', 'gemv', 'attention', 'membw'].includes(row.kind));
    const left = kernels.filter(({ observation }) => !observation).map(({ row }) => row.workload);
    expect([...new Set(left)].sort()).toEqual([
      'Standard Attention(PyTorch)',
      'matmul best shape found (MAMF)',
      'naive attention, encoder',
    ]);
  });

  it('agrees with the times that are printed beside rates', () => {
    for (const { row, observation } of rows) {
      if (!observation || row.derivedUnit?.startsWith('ms') !== true) continue;
      expect(observation.measuredNs / (row.derivedValue! * 1e6), observation.label).toBeCloseTo(1, 1);
    }
  });

  it('knows that FlashAttention 2 leaves half of Hopper unused', () => {
    const flash2 = rows.find(
      ({ row }) => row.workload === 'Flash Attention 2.0' && row.acceleratorId === 'nvidia-h100-sxm',
    );
    expect(flash2?.observation?.hardware.instructionCeiling).toBeCloseTo(0.629, 3);
  });
});

describe('minimise', () => {
  it('finds the least point of a valley that lies across the axes', () => {
    const [x, y] = minimise(
      ([x, y]) => Math.log((x! * y!) / 6) ** 2 + 0.1 * Math.log(x! / y! / 1.5) ** 2,
      [1, 1],
    );
    expect(x).toBeCloseTo(3, 1);
    expect(y).toBeCloseTo(2, 1);
  });
});

describe('priceAge', () => {
  it.each([
    ['2026-06-18', '2026-11-23', 'current'],
    ['2026-05-23', '2026-11-23', 'current'],
    ['2026-05-22', '2026-11-23', 'stale'],
    ['2024-12-23', '2026-11-23', 'stale'],
    [undefined, '2026-11-23', 'undated'],
  ])('a price of %s is on %s %s', (priceDate, today, age) => {
    expect(priceAge(priceDate, today)).toBe(age);
  });
});
