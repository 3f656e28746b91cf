import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASIS_WORDS, estimate, findInstances, instances } from '../../bench/estimate/index.ts';
import { attentionOperation, matmulOperation } from '../../bench/estimate/operations.ts';
import type {
  EstimateRequest,
  EstimateRow,
  Instance,
  MeasuredRun,
  Operation,
} from '../../bench/estimate/index.ts';

const TODAY = '2026-11-23';

/** A square product in half precision, 2 n^3 operations on three matrices. */
function matmul(size: number): Operation {
  return {
    name: `matmul ${size}`,
    op: 'matmul',
    dtype: 'f16',
    unit: 'fp16Tensor',
    flops: 2 * size ** 3,
    bytes: 3 * 2 * size ** 2,
  };
}

const sum: Operation = {
  name: 'sum 2^28',
  op: 'sum',
  dtype: 'f32',
  unit: 'fp32',
  flops: 2 ** 28,
  bytes: 2 ** 30,
};

function run(device: string, timeNs: number, operation: Operation = matmul(4096)): MeasuredRun {
  return {
    adapter: { vendor: 'nvidia', device },
    measurements: [{ operation, gpuTimeNs: { low: timeNs * 0.98, median: timeNs, high: timeNs * 1.02 } }],
  };
}

function rowsOf(request: Partial<EstimateRequest>): readonly EstimateRow[] {
  return estimate({ workloads: [matmul(4096)], today: TODAY, ...request }).rows;
}

function only(rows: readonly EstimateRow[], instanceType: string): EstimateRow {
  const found = rows.filter((row) => row.instanceType === instanceType);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('datasheet-only rows', () => {
  it('are what a vendor library takes, worked by hand for a T4', () => {
    const row = only(rowsOf({}), 'g4dn.xlarge');
    // 65 TFLOP/s, of which 80% are issued; 320 GB/s, of which 77.3% are reached.
    const boostNs = 137438953472 / 65000 / 0.8;
    const memoryNs = 100663296 / 320 / 0.773;
    const atBoostNs = Math.hypot(boostNs, memoryNs);
    const utilisation = 137438953472 / 65000 / atBoostNs;
    // 40 processors at 1.59 GHz, Turing of 2018: energy in pJ, then W at boost, against 85% of 70 W.
    const energyPj = 0.882 * 1.59 ** 2 * (65000 / 40 / 1.59 / 1024) ** (-1 / 3) * 2 ** (2 / 4);
    const clockShare = (59.5 / ((energyPj * 65000 * utilisation) / 1e3)) ** (1 / 3);
    const busyNs = 35 * atBoostNs;
    const arithmeticNs = boostNs * (1 + (1 / clockShare - 1) * (busyNs / (busyNs + 30e6)));
    const timeNs = Math.hypot(arithmeticNs, memoryNs) + 3000;
    const reach = Math.exp(1.2816 * 0.124 * Math.sqrt(1 + 1 / 4));
    expect(row.basis).toBe('datasheet');
    expect(BASIS_WORDS[row.basis]).toBe('datasheet only');
    expect(row.bottleneck).toBe('arithmetic');
    expect(clockShare).toBeLessThan(0.8);
    expect(row.tflops).toBeCloseTo(137438953472 / timeNs / 1e3, 9);
    expect(row.high).toBeCloseTo((137438953472 / timeNs / 1e3) * reach, 9);
    // The low end stands for a WebGPU kernel at a third of the vendor's library.
    expect(row.low).toBeCloseTo(137438953472 / timeNs / 1e3 / reach / 3, 9);
    expect(row.tflopsPerUsdHour).toBeCloseTo(row.tflops! / 0.526, 9);
    expect(row).toMatchObject({ usdPerHour: 0.526, priceDate: '2026-07-20', priceAge: 'current', count: 1 });
    // 70 W, the host's 30% of it, and AWS's PUE of 1.14.
    expect(row.watts).toBeCloseTo(70 * 1.3 * 1.14, 9);
    expect(row.operationsPerJoule).toBeCloseTo(row.operationsPerSecond! / row.watts!, 12);
  });

  it('are bandwidth x the share that streams reach for a reduction', () => {
    const row = only(rowsOf({ workloads: [sum] }), 'g6.xlarge');
    // 300 GB/s; the additions run at 30.3 TFLOP/s beside.
    const arithmeticNs = 2 ** 28 / 30300 / Math.min(1, (0.595 * 256) / (30300 / 58 / 2.04));
    const timeNs = Math.hypot(2 ** 30 / 300 / 0.897, arithmeticNs) + 3000;
    expect(row.bottleneck).toBe('memory');
    expect(row.gigabytesPerSecond).toBeCloseTo(2 ** 30 / timeNs, 9);
  });

  it('of the vendor profile are what its library reaches, with no loss', () => {
    const large = matmulOperation({ m: 8192, n: 8192, k: 8192 }, 'f16');
    const tilewise = only(rowsOf({ workloads: [large] }), 'p5.4xlarge');
    const vendor = only(rowsOf({ workloads: [large], profile: 'vendor' }), 'p5.4xlarge');
    // cuBLAS on H100: 713 TFLOP/s (github ai-dynamo/aiconfigurator@095f58a5).
    expect(vendor.tflops).toBeGreaterThan(1.3 * tilewise.tflops!);
    expect(vendor.low).toBeLessThan(713);
    expect(vendor.high).toBeGreaterThan(713);
    expect(vendor.relativeLow! * vendor.relativeHigh!).toBeCloseTo(1, 9);
    const volta = only(rowsOf({ workloads: [large], profile: 'vendor' }), 'p3.2xlarge');
    expect(volta.tflops).toBeGreaterThan(60);
  });

  it('are bound by the dispatch where there is next to nothing to do', () => {
    const tiny = { ...sum, name: 'tiny', flops: 1024, bytes: 4096 };
    const row = only(rowsOf({ workloads: [tiny] }), 'g6.xlarge');
    expect(row.bottleneck).toBe('dispatch');
    expect(row.operationsPerSecond).toBeLessThan(1e9 / 3000);
  });

  it('never exceed what WebGPU reaches of a Hopper tensor core', () => {
    const row = only(rowsOf({ workloads: [matmul(16384)] }), 'p5.4xlarge');
    expect(row.high).toBeLessThan(989 * 0.629);
  });

  it('multiply by independent replicas', () => {
    const rows = rowsOf({});
    expect(only(rows, 'g4dn.12xlarge').tflops).toBeCloseTo(4 * only(rows, 'g4dn.xlarge').tflops!, 9);
    expect(only(rows, 'g4dn.12xlarge').explanation.assumptions[0]).toContain('4 independent replicas');
  });

  it('divide by shares', () => {
    const row = only(rowsOf({ workloads: [matmul(16384)] }), 'g6f.large');
    const whole = only(rowsOf({ workloads: [matmul(16384)] }), 'g6.xlarge');
    expect(row.count).toBe(0.125);
    expect(row.tflops! / whole.tflops!).toBeCloseTo(0.125, 3);
  });

  it('stay without figures where the catalogue has none', () => {
    const rows = rowsOf({});
    expect(only(rows, 'p2.xlarge')).toMatchObject({
      count: null,
      tflops: null,
      low: null,
      tflopsPerUsdHour: null,
    });
    expect(only(rows, 'Standard_NC40ads_H100_v5')).toMatchObject({ count: 1, tflops: null });
    expect(only(rows, 'Standard_NC40ads_H100_v5').explanation.formula).toContain(
      'fp16Tensor rate of H100 NVL',
    );
    expect(only(rows, 'p5e.48xlarge')).toMatchObject({
      usdPerHour: null,
      tflopsPerUsdHour: null,
      priceAge: null,
    });
    expect(only(rows, 'p5e.48xlarge').tflops).toBeGreaterThan(0);
  });

  it('keep accelerators that WebGPU does not reach, marked', () => {
    const row = only(rowsOf({}), 'trn1.2xlarge');
    expect(row).toMatchObject({ webgpu: 'no', basis: 'datasheet' });
    expect(row.explanation.assumptions.join(' ')).toContain('WebGPU does not reach');
  });
});

describe('scaled rows', () => {
  const onL4 = only(rowsOf({}), 'g6.xlarge').operationsPerSecond!;
  // A kernel that takes twice as long as the vendor's library on an L4.
  const halfOfPeak = run('nvidia-l4', (2 * 1e9) / onL4);

  it('carry what a kernel takes against the vendor to another accelerator', () => {
    const row = only(rowsOf({ runs: [halfOfPeak] }), 'g4dn.xlarge');
    expect(row.basis).toBe('scaled');
    expect(row.tflops).toBeCloseTo(only(rowsOf({}), 'g4dn.xlarge').tflops! / 2, 9);
  });

  it('have wider intervals than what was measured', () => {
    const rows = rowsOf({ runs: [halfOfPeak] });
    const measured = only(rows, 'g6.xlarge');
    const scaled = only(rows, 'g4dn.xlarge');
    expect(scaled.relativeLow).toBeLessThan(measured.relativeLow!);
    expect(scaled.relativeHigh).toBeGreaterThan(measured.relativeHigh!);
  });

  it('end low by the spread between accelerators and by what a configuration loses on another GPU', () => {
    const row = only(rowsOf({ runs: [halfOfPeak] }), 'g4dn.xlarge');
    const reach = Math.exp(1.2816 * 0.124 * Math.sqrt(1 + 1 / 4) * Math.SQRT2);
    expect(row.low).toBeCloseTo((row.tflops! / 1.02 / reach) * 0.744, 9);
  });

  it('serve other work of the same kind, with a wider interval still', () => {
    const rows = rowsOf({ workloads: [matmul(4096), matmul(8192)], runs: [halfOfPeak] });
    const [same, other] = rows.filter((row) => row.instanceType === 'g4dn.xlarge');
    expect(other).toMatchObject({ workload: 'matmul 8192', basis: 'scaled' });
    expect(other!.relativeLow).toBeLessThan(same!.relativeLow!);
  });

  it('leave work of another kind to the data sheet', () => {
    expect(only(rowsOf({ workloads: [sum], runs: [halfOfPeak] }), 'g4dn.xlarge').basis).toBe('datasheet');
  });

  it('never stand for an accelerator that WebGPU does not reach', () => {
    expect(only(rowsOf({ runs: [halfOfPeak] }), 'trn1.2xlarge').basis).toBe('datasheet');
  });

  it('stand for a share of the accelerator that was measured whole', () => {
    expect(only(rowsOf({ runs: [halfOfPeak] }), 'g6f.large').basis).toBe('scaled');
  });

  it('cap a measurement faster than the roofline at the peak', () => {
    const row = only(rowsOf({ runs: [run('nvidia-l4', 1000)] }), 'g4dn.xlarge');
    expect(row.tflops).toBeCloseTo(137438953472 / (137438953472 / 65000 + 3000) / 1e3, 6);
  });
});

describe('measured rows', () => {
  const measured = run('nvidia-l4', 2e6);

  it('are the measurement, times the replicas, on every instance with that accelerator', () => {
    const rows = rowsOf({ runs: [measured] });
    const one = only(rows, 'g6.xlarge');
    expect(one).toMatchObject({ basis: 'measured', bottleneck: 'arithmetic' });
    expect(BASIS_WORDS[one.basis]).toBe('measured on this accelerator');
    expect(one.tflops).toBeCloseTo(68.719476736, 9);
    expect(one.low).toBeCloseTo(68.719476736 / 1.02, 9);
    expect(one.high).toBeCloseTo(68.719476736 / 0.98, 9);
    expect(only(rows, 'g2-standard-96').tflops).toBeCloseTo(8 * 68.719476736, 9);
  });

  it('are of one data type: the same shape in another is other work', () => {
    const single = { ...matmul(4096), dtype: 'f32', unit: 'fp32' as const };
    expect(only(rowsOf({ workloads: [single], runs: [measured] }), 'g6.xlarge').basis).toBe('datasheet');
  });

  it('prefer the first run', () => {
    const rows = rowsOf({ runs: [measured, run('nvidia-l4', 4e6)] });
    expect(only(rows, 'g6.xlarge').tflops).toBeCloseTo(68.719476736, 9);
  });

  it('take the accelerator from the instance type where the adapter hides its name', () => {
    const masked = { ...measured, adapter: { vendor: 'nvidia', device: '' }, instanceType: 'g6.xlarge' };
    const result = estimate({ workloads: [matmul(4096)], today: TODAY, runs: [masked] });
    expect(only(result.rows, 'g6.xlarge').basis).toBe('measured');
    expect(result.notices.join(' ')).toContain('taken for the NVIDIA L4 of g6.xlarge');
  });

  it('belong to the share that they were made on', () => {
    const onShare = { ...measured, instanceType: 'g6f.large' };
    const rows = rowsOf({ runs: [onShare] });
    expect(only(rows, 'g6f.large')).toMatchObject({ basis: 'measured' });
    expect(only(rows, 'g6f.large').tflops).toBeCloseTo(68.719476736, 9);
    expect(only(rows, 'g6.xlarge').basis).toBe('scaled');
  });
});

describe('measurements that are no basis', () => {
  it.each([
    [
      'a software adapter by name',
      { vendor: 'mesa', device: 'llvmpipe-llvm-19-1-7-256-bits' },
      'software adapter',
    ],
    ['a fallback adapter', { device: 'nvidia-l4', isFallbackAdapter: true }, 'software adapter'],
    ['the CPU path', { device: 'cpu', software: true }, 'software adapter'],
    ['an accelerator that is not in the catalogue', { device: 'nvidia-geforce-rtx-4090' }, 'no accelerator'],
    ['a slice of a device', { device: 'nvidia-a10-8q' }, 'no accelerator'],
    ['an adapter without a name', {}, 'no accelerator'],
  ])('%s: every row is datasheet only, and it says so', (_what, adapter, reason) => {
    const runs = [{ ...run('', 1e6), adapter }];
    const { rows, notices } = estimate({ workloads: [matmul(4096), sum], today: TODAY, runs });
    expect(rows.filter((row) => row.basis !== 'datasheet')).toEqual([]);
    expect(notices[0]).toContain(reason);
    expect(notices).toContain('Every row is datasheet only.');
    expect(rows).toEqual(rowsOf({ workloads: [matmul(4096), sum] }));
  });

  it('a software adapter on an instance with a GPU', () => {
    const runs = [{ ...run('llvmpipe', 1e6), instanceType: 'g6.xlarge' }];
    expect(rowsOf({ runs }).filter((row) => row.basis !== 'datasheet')).toEqual([]);
  });

  it('none at all', () => {
    expect(estimate({ workloads: [sum], today: TODAY }).notices.slice(0, 2)).toEqual([
      'Nothing was measured.',
      'Every row is datasheet only.',
    ]);
  });
});

describe('rows', () => {
  it('are one for each workload and instance, workloads in the order asked for', () => {
    const rows = rowsOf({ workloads: [sum, matmul(4096)] });
    expect(rows).toHaveLength(2 * instances.length);
    expect(rows[0]!.workload).toBe(sum.name);
    expect(rows.at(-1)!.workload).toBe('matmul 4096');
  });

  it('are sorted by throughput per dollar, unknown prices and then unknown rates last', () => {
    const rows = rowsOf({});
    const perDollar = rows.map((row) => row.tflopsPerUsdHour);
    const known = perDollar.filter((value) => value !== null);
    expect(perDollar.slice(0, known.length)).toEqual([...known].sort((a, b) => b - a));
    const rest = rows.slice(known.length).map((row) => row.tflops);
    const rates = rest.filter((value) => value !== null);
    expect(rest.slice(0, rates.length)).toEqual([...rates].sort((a, b) => b - a));
    expect(rates.length).toBeGreaterThan(0);
    expect(rest.length).toBeGreaterThan(rates.length);
  });

  it('are sorted by work per joule when asked', () => {
    const rates = rowsOf({ sort: 'energy' }).map((row) => row.operationsPerJoule ?? -1);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });

  it('are sorted by throughput when asked', () => {
    const rates = rowsOf({ sort: 'throughput' }).map((row) => row.operationsPerSecond ?? -1);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });

  it('are those of the providers asked for', () => {
    const providers = new Set(rowsOf({ providers: ['oci', 'gcp'] }).map((row) => row.provider));
    expect([...providers].sort()).toEqual(['gcp', 'oci']);
  });

  it('take the spot price when asked, or where there is no other', () => {
    const onDemand = only(rowsOf({}), 'g2-standard-4');
    const spot = only(rowsOf({ pricing: 'spot' }), 'g2-standard-4');
    expect(onDemand.pricing).toBe('on-demand');
    expect(spot.pricing).toBe('spot');
    expect(spot.usdPerHour).toBeLessThan(onDemand.usdPerHour!);
    const spotOnly = rowsOf({}).find((row) => row.instanceType === '1x NVIDIA H100 SXM (spot)');
    expect(spotOnly).toMatchObject({ pricing: 'spot', usdPerHour: 4.76 });
  });

  it('explain themselves: every number has a unit and a source, and gives the figure again', () => {
    for (const row of rowsOf({ runs: [run('nvidia-l4', 2e6)] })) {
      expect(row.explanation.formula).not.toBe('');
      expect(row.explanation.inputs.filter((input) => input.source === '' || input.unit === '')).toEqual([]);
    }
    const operation = matmulOperation({ m: 3000, n: 5000, k: 4096 }, 'f16');
    const row = only(rowsOf({ workloads: [operation] }), 'g4dn.12xlarge');
    const input = (name: string): number =>
      row.explanation.inputs.find((entry) => entry.name === name)!.value;
    const boostNs =
      input('flops') /
      (1e3 * input('peak, fp16Tensor') * input('issue') * input('tiling') * input('ceiling'));
    expect(boostNs).toBeCloseTo(input('boost time'), 3);
    const limited = input('busy') / (input('busy') + input('window'));
    const arithmeticNs = boostNs * (1 + (1 / input('clock share') - 1) * limited);
    const timeNs = (Math.hypot(arithmeticNs, input('memory')) + input('overhead')) * input('ratio');
    expect((input('replicas') * input('flops')) / timeNs / 1e3).toBeCloseTo(row.tflops!, 6);
    expect((row.tflops! / Math.exp(input('reach'))) * input('loss')).toBeCloseTo(row.low!, 6);
    const watts = 4 * input('board power') * (1 + input('host power')) * input('PUE');
    expect(watts).toBeCloseTo(row.watts!, 6);
  });

  it.each(['g4dn.12xlarge', 'p5.48xlarge', 'trn1.2xlarge'])(
    'of attention on %s give its time again',
    (type) => {
      const shape = {
        batch: 2,
        heads: 32,
        kvHeads: 8,
        seqLenQ: 3000,
        seqLenKv: 3000,
        headDim: 128,
        causal: true,
      };
      const operation = attentionOperation(shape, 'f16');
      const { rows } = estimate({ workloads: [operation], today: TODAY, profile: 'vendor' });
      const { explanation, tflops } = only(rows, type);
      const find = (name: string): number | undefined =>
        explanation.inputs.find((entry) => entry.name === name)?.value;
      const input = (name: string): number => find(name)!;
      const processorsPerNs = find('processors')
        ? input('processors') * input('boost clock')
        : (1e3 * input('vector peak')) / 256;
      const exponential = 1 / (input('exponentials') * processorsPerNs);
      const vector = input('vector operations') / ((1e3 * input('vector peak')) / 2);
      const matrix =
        (4 * input('head dimension')) / (1e3 * input('peak, fp16Tensor') * input('issue') * input('ceiling'));
      const boostNs = (input('scores') * Math.hypot(matrix, exponential + vector)) / input('attention issue');
      expect(boostNs / input('boost time')).toBeCloseTo(1, 9);
      const limited = input('busy') / (input('busy') + input('window'));
      const arithmeticNs = input('boost time') * (1 + (1 / input('clock share') - 1) * limited);
      const bytesNs = input('bytes') / (input('bandwidth') * input('share of the bandwidth'));
      expect(bytesNs).toBeCloseTo(input('memory'), 3);
      const timeNs = Math.hypot(arithmeticNs, bytesNs) + input('overhead');
      expect((input('replicas') * input('flops')) / timeNs / 1e3).toBeCloseTo(tflops!, 6);
    },
  );

  it('say when prices are old or undated', () => {
    const { notices } = estimate({ workloads: [sum], today: TODAY });
    expect(notices).toContain('Some prices are older than 6 months.');
    expect(notices).toContain('Some price lists carry no date.');
    const aws = estimate({ workloads: [sum], today: TODAY, providers: ['aws'] }).notices;
    expect(aws.join(' ')).not.toContain('older than');
  });
});

describe('operands', () => {
  it('that do not fit into the memory give no rate, and say so', () => {
    // 3 x 2^17 x 2^17 x 2 bytes: 103 GB, of which an H100 has 80 and an H200 141.
    const large = matmulOperation({ m: 2 ** 17, n: 2 ** 17, k: 2 ** 17 }, 'f16');
    const { rows } = estimate({ workloads: [large], today: TODAY, providers: ['aws'], profile: 'vendor' });
    const on = (type: string) => rows.find(({ instanceType }) => instanceType === type)!;
    expect(on('p5.4xlarge').tflops).toBeNull();
    expect(on('p5.4xlarge').explanation.formula).toContain(
      '103 GB of operands and results do not fit into 80 GB',
    );
    expect(on('p5en.48xlarge').tflops).toBeGreaterThan(1000);
  });
});

describe('bad requests', () => {
  it.each<[string, Partial<EstimateRequest>, string]>([
    ['a provider that does not exist', { providers: ['azur'] }, 'unknown provider "azur"; nearest: azure'],
    ['a date of another form', { today: '23 Nov 2026' }, 'expected a date, YYYY-MM-DD'],
    ['a day that does not exist', { today: '2026-13-40' }, 'expected a date, YYYY-MM-DD'],
    ['no bytes', { workloads: [{ ...sum, bytes: 0 }] }, 'sum 2^28: bytes is 0'],
    ['endless work', { workloads: [{ ...sum, flops: Infinity }] }, 'sum 2^28: flops is Infinity'],
    ['a size of zero', { workloads: [{ ...sum, shape: { kind: 'matmul', m: 0, n: 1, k: 1 } }] }, 'm is 0'],
    [
      'heads that cannot be shared',
      {
        workloads: [
          attentionOperation(
            { batch: 1, heads: 6, kvHeads: 4, seqLenQ: 1, seqLenKv: 1, headDim: 64, causal: false },
            'f16',
          ),
        ],
      },
      '6 heads cannot share 4 heads of keys and values',
    ],
    ['half a dispatch', { workloads: [{ ...sum, dispatches: 0.5 }] }, 'sum 2^28: dispatches is 0.5'],
    ['a time of zero', { runs: [run('nvidia-l4', 0)] }, 'matmul 4096: gpuTimeNs'],
    ['a time that is none', { runs: [run('nvidia-l4', NaN)] }, 'matmul 4096: gpuTimeNs'],
  ])('%s', (_what, request, message) => {
    expect(() => rowsOf(request)).toThrow(RangeError);
    expect(() => rowsOf(request)).toThrow(message);
  });
});

describe('requests of programs without types', () => {
  it.each<[unknown, string]>([
    [undefined, 'the request is undefined: expected an object'],
    [null, 'the request is null: expected an object'],
    [{ today: TODAY }, 'workloads is undefined: expected a list'],
    [{ today: TODAY, workloads: sum }, 'workloads is {'],
    [{ workloads: [sum] }, 'today is undefined: expected a date, YYYY-MM-DD'],
  ])('%o', (request, message) => {
    expect(() => estimate(request as EstimateRequest)).toThrow(RangeError);
    expect(() => estimate(request as EstimateRequest)).toThrow(message);
  });
});

describe('properties', () => {
  const gpus = ['nvidia-l4', 'tesla-t4', 'nvidia-h100-80gb-hbm3', 'nvidia-a100-sxm4-80gb', 'nvidia-l40s'];
  const few = ['g6.xlarge', 'g4dn.xlarge', 'p5.48xlarge', 'g6f.large', 'p3.2xlarge', 'g4ad.xlarge'].flatMap(
    (name) => findInstances(name).matches,
  );

  it('a faster measurement never makes an estimate slower', () => {
    const time = fc.double({ min: 100, max: 1e10, noNaN: true });
    const work = fc.constantFrom(matmul(64), matmul(4096), sum);
    fc.assert(
      fc.property(fc.constantFrom(...gpus), work, work, time, time, (gpu, measured, wanted, t1, t2) => {
        const rates = [Math.max(t1, t2), Math.min(t1, t2)].map(
          (t) =>
            new Map(
              rowsOf({ workloads: [wanted], runs: [run(gpu, t, measured)], instances: few }).map(keyed),
            ),
        );
        for (const [key, slower] of rates[0]!) {
          expect(rates[1]!.get(key)).toBeGreaterThanOrEqual(slower * (1 - 1e-12));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('twice the price is half the throughput per dollar', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1000, noNaN: true }), (usd) => {
        const at = (onDemandUsdPerHour: number): EstimateRow =>
          rowsOf({ instances: [{ ...(few[0] as Instance), onDemandUsdPerHour }] })[0]!;
        expect(at(2 * usd).tflopsPerUsdHour).toBeCloseTo(at(usd).tflopsPerUsdHour! / 2, 6);
        expect(at(2 * usd).tflops).toBe(at(usd).tflops);
      }),
    );
  });

  it('low <= median <= high', () => {
    const size = fc.integer({ min: 1, max: 16384 });
    fc.assert(
      fc.property(
        size,
        fc.constantFrom(...gpus),
        fc.double({ min: 1e5, max: 1e9, noNaN: true }),
        (n, gpu, t) => {
          for (const row of rowsOf({
            workloads: [matmul(n)],
            runs: [run(gpu, t, matmul(4096))],
            instances: few,
          })) {
            expect(row.low).toBeLessThanOrEqual(row.tflops!);
            expect(row.tflops).toBeLessThanOrEqual(row.high!);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

function keyed(row: EstimateRow): [string, number] {
  return [row.instanceType, row.operationsPerSecond ?? 0];
}

it.each([undefined, 'f64', 'toString'])('an operation of no data type, %s, is refused', (dtype) => {
  const shape = { m: 1, n: 1, k: 1 };
  expect(() => matmulOperation(shape, dtype as never)).toThrow(
    new RangeError(`the data type is ${dtype}, expected one of f32, f16, bf16, fp8, int8, fp4`),
  );
});
