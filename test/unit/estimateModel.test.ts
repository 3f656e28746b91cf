import { describe, expect, it } from 'vitest';
import { accelerators, findAccelerator, publishedMeasurements } from '../../bench/catalog/index.ts';
import type { Accelerator } from '../../bench/catalog/index.ts';
import { fitProfile, vendorProfile } from '../../bench/estimate/efficiency.ts';
import { priceAge } from '../../bench/estimate/price.ts';
import { efficiencyPoint } from '../../bench/estimate/published.ts';
import { idealTimes } from '../../bench/estimate/roofline.ts';
import type { Operation } from '../../bench/estimate/index.ts';
import { resolveUnit } from '../../bench/estimate/units.ts';

function accelerator(id: string): Accelerator {
  const found = findAccelerator(id);
  if (!found) throw new Error(id);
  return found;
}

describe('resolveUnit', () => {
  it.each([
    [
      'tensor cores where subgroup matrices reach them',
      'nvidia-a100-sxm-80',
      'fp16Tensor',
      'fp16Tensor',
      312,
    ],
    ['the fp32 rate where WebGPU has no matrices', 'nvidia-v100-sxm2-16', 'fp16Tensor', 'fp32', 15.7],
    ['the fp32 rate where there are no matrices', 'nvidia-p100-pcie-16', 'fp16Tensor', 'fp32', 9.34],
    ['never TF32 for single precision', 'nvidia-h100-sxm', 'fp32', 'fp32', 67],
    ['the vector rate when asked for', 'nvidia-h100-sxm', 'fp16Vector', 'fp16Vector', 133.8],
    ['the fp32 rate for an unknown vector rate', 'nvidia-a40', 'fp16Vector', 'fp32', 37.4],
    ['the bf16 rate of a TPU, for comparison', 'google-tpu-v4', 'fp16Tensor', 'bf16Tensor', 275],
    ['the matrix rate beyond WebGPU', 'aws-trainium2', 'fp16Tensor', 'fp16Tensor', 667],
    ['nothing where nothing is known', 'nvidia-h100-nvl', 'fp16Tensor', 'fp16Tensor', undefined],
  ] as const)('takes %s (%s)', (_what, id, wanted, unit, peakTflops) => {
    expect(resolveUnit(wanted, accelerator(id))).toMatchObject({ unit, peakTflops });
  });

  it('knows that cooperative matrices do not reach the full rate of Hopper', () => {
    expect(resolveUnit('fp16Tensor', accelerator('nvidia-h100-sxm')).ceiling?.fraction).toBe(0.629);
    expect(resolveUnit('fp16Tensor', accelerator('nvidia-a100-sxm-80')).ceiling).toBeUndefined();
  });

  it('finds a rate of every accelerator that has any', () => {
    const withRates = accelerators.filter((row) => row.webgpu === 'yes' && row.peakTflops.fp32 !== undefined);
    const unknown = withRates.filter((row) => resolveUnit('fp32', row).peakTflops === undefined);
    expect(unknown).toEqual([]);
  });
});

describe('idealTimes', () => {
  const operation: Operation = {
    name: 'x',
    op: 'matmul',
    dtype: 'f16',
    unit: 'fp16Tensor',
    flops: 312e9,
    bytes: 2039e3,
  };

  it('divides work by peaks', () => {
    // 312 GFLOP at 312 TFLOP/s take a millisecond; 2.039 MB at 2039 GB/s take a microsecond.
    const ideal = idealTimes(operation, accelerator('nvidia-a100-sxm-80'), 1);
    expect(ideal).toMatchObject({
      arithmeticNs: 1e6,
      memoryNs: 1e3,
      dispatchNs: 3000,
      arithmeticClass: 'tensorMatmul',
      memoryClass: 'matmulStream',
    });
  });

  it('takes longer on a share', () => {
    const ideal = idealTimes(operation, accelerator('nvidia-a100-sxm-80'), 0.25);
    expect(ideal).toMatchObject({ arithmeticNs: 4e6, memoryNs: 4e3 });
  });

  it('places memory-bound work on an accelerator whose arithmetic rate is unknown', () => {
    const sum = { name: 'sum', op: 'sum', dtype: 'f32', unit: 'fp32', flops: 1e6, bytes: 3900e3 } as const;
    const ideal = idealTimes(sum, accelerator('nvidia-h100-nvl'), 1);
    expect(ideal).toMatchObject({ arithmeticNs: 0, memoryNs: 1e3 });
    expect('assumptions' in ideal && ideal.assumptions[0]).toContain('fp32 rate is unknown');
  });

  it('refuses work that an unknown figure may decide', () => {
    expect(idealTimes(operation, accelerator('nvidia-h100-nvl'), 1)).toEqual({
      missing: 'the fp16Tensor rate of H100 NVL 94GB is unknown',
    });
    expect(idealTimes(operation, accelerator('nvidia-t4g'), 1)).toEqual({
      missing: 'the fp16Tensor rate of NVIDIA T4G (AWS g5g) is unknown',
    });
  });
});

describe('the vendor profile', () => {
  // What the file gives today; a row added to it or a change of the method shows here.
  it.each([
    ['tensorMatmul', 23, 4, 0.645, 0.493, 0.945, 0.251],
    ['tensorAttention', 12, 4, 0.462, 0.312, 0.614, 0.3],
    ['vectorArithmetic', 3, 3, 0.631, 0.454, 0.936, 0.352],
    ['matmulStream', 15, 3, 0.815, 0.655, 0.967, 0.136],
    ['attentionStream', 9, 3, 0.744, 0.566, 0.955, 0.182],
    ['stream', 29, 8, 0.894, 0.82, 0.971, 0.06],
  ] as const)('%s', (name, points, acceleratorCount, median, low, high, leaveOneOutError) => {
    const fitted = vendorProfile()[name];
    expect(fitted.pointCount).toBe(points);
    expect(fitted.acceleratorIds).toHaveLength(acceleratorCount);
    expect(fitted.efficiency.median).toBeCloseTo(median, 3);
    expect(fitted.efficiency.low).toBeCloseTo(low, 3);
    expect(fitted.efficiency.high).toBeCloseTo(high, 3);
    expect(fitted.leaveOneOutError).toBeCloseTo(leaveOneOutError, 2);
  });

  it('lies between nothing and the peak', () => {
    for (const { efficiency } of Object.values(vendorProfile())) {
      expect(efficiency.low).toBeGreaterThan(0);
      expect(efficiency.low).toBeLessThan(efficiency.median);
      expect(efficiency.median).toBeLessThan(efficiency.high);
      expect(efficiency.high).toBeLessThanOrEqual(1);
    }
  });

  it('needs two accelerators to say how they differ', () => {
    const one = publishedMeasurements.filter((row) => row.acceleratorId === 'nvidia-l40s');
    expect(() => fitProfile(one)).toThrow('measurements of two accelerators');
  });
});

describe('efficiencyPoint', () => {
  const base = {
    acceleratorId: 'nvidia-a100-sxm-80',
    acceleratorCount: 1,
    derivedValue: undefined,
    derivedUnit: undefined,
    source: 'somewhere',
    date: undefined,
    note: undefined,
  } as const;

  it('takes the dispatch overhead out of a short product', () => {
    // 1024^3 at 119.4 TFLOP/s take 17986 ns, of which 6883 ns are ideal and 3000 ns are overhead.
    const point = efficiencyPoint({
      ...base,
      kind: 'gemm',
      workload: 'GEMM',
      dtype: 'fp16',
      size: 'm1024 n1024 k1024',
      value: 119.4,
      unit: 'TFLOP/s',
    });
    expect(point?.efficiency).toBeCloseTo(6883 / (17986 - 3000), 4);
  });

  it('leaves out best shapes of a search, other data types and attention that is not fused', () => {
    const gemm = { ...base, kind: 'gemm', size: undefined, value: 100, unit: 'TFLOP/s' } as const;
    expect(
      efficiencyPoint({ ...gemm, workload: 'matmul best shape found (MAMF)', dtype: 'bf16' }),
    ).toBeUndefined();
    expect(efficiencyPoint({ ...gemm, workload: 'GEMM', dtype: 'fp8' })).toBeUndefined();
    const attention = { ...gemm, kind: 'attention', dtype: 'fp16' } as const;
    expect(efficiencyPoint({ ...attention, workload: 'Standard Attention(PyTorch)' })).toBeUndefined();
    expect(efficiencyPoint({ ...attention, workload: 'Flash Attention 2.0' })?.efficiency).toBeCloseTo(
      100 / 312,
    );
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
