import { estimateMedian, type Estimate } from '../../bench/measure/statistics.ts';
import {
  SCHEMA_VERSION,
  type AdapterRow,
  type BenchResult,
  type CeilingRow,
  type ComparisonRow,
  type MeasurementRow,
} from '../../bench/schema.ts';

/** Samples around a value, the same for the same seed: made up, with the skew that times have. */
export function samplesAround(value: number, { n = 20, spread = 0.01, seed = 1 } = {}): Estimate {
  return estimateMedian(
    Array.from({ length: n }, (_, i) => value * (1 + (spread * ((i * 7 + seed * 3) % n)) / n)),
  );
}

/** A row of measurements of a GPU that does not exist. */
export function madeUpRow(changes: Partial<MeasurementRow> = {}, timeNs = 1e6): MeasurementRow {
  const time = samplesAround(timeNs);
  const { flops, workingSetBytes }: { flops: number; workingSetBytes: number } = {
    flops: 2 * 4096 ** 3,
    workingSetBytes: 3 * 2 * 4096 ** 2,
    ...changes,
  };
  return {
    op: 'matmul',
    family: 'matmul',
    label: 'square',
    shape: { m: 4096, n: 4096, k: 4096, batch: 1 },
    shapeText: '4096 x 4096 x 4096',
    scaledDownFrom: null,
    dtype: 'f16',
    kernel: 'matmul/subgroupMatrix',
    config: {},
    reason: 'made up',
    passedOver: [],
    dispatches: 1,
    gpuTimeNs: time,
    wallTimeNs: time,
    repeats: 1,
    unit: 'fp16Tensor',
    flops,
    workingSetBytes,
    gflops: flops / time.median,
    bytesPerSecond: (workingSetBytes / time.median) * 1e9,
    ceilingPercent: 50,
    ceiling: 'subgroup matrix 16x16x16, f16 into f32',
    boundBy: 'arithmetic',
    checked: { passed: true, maxError: 0, tolerance: 1, method: 'every element' },
    ...changes,
  };
}

/** A ceiling of a GPU that does not exist. */
export function madeUpCeiling(
  kind: CeilingRow['kind'],
  name: string,
  perSecond: number,
  workingSetBytes = 0,
): CeilingRow {
  return {
    kind,
    name,
    kernel: `ceiling/${kind}`,
    config: {},
    perSecond: samplesAround(perSecond),
    workingSetBytes,
    checked: { passed: true, maxError: 0, tolerance: 0, method: 'every element' },
  };
}

/** A row of a comparison with rivals, on a GPU that does not exist. */
export function madeUpComparisonRow(
  ratios: Readonly<Record<string, number>>,
  label = 'square',
): ComparisonRow {
  return {
    op: 'matmul',
    family: 'matmul',
    label,
    shape: { m: 512, n: 512, k: 512, batch: 1 },
    shapeText: '512 x 512 x 512',
    scaledDownFrom: null,
    dtype: 'f32',
    kernel: 'matmul/tiled',
    config: {},
    flops: 2 * 512 ** 3,
    workingSetBytes: 3 * 4 * 512 ** 2,
    ceilingPercent: 42,
    ceiling: 'f32',
    boundBy: 'arithmetic',
    timeNs: samplesAround(1e6),
    runs: 4,
    relativeError: 1e-7,
    checked: { passed: true, maxError: 0, tolerance: 1, method: 'every element' },
    peers: Object.entries(ratios).map(([name, ratio]) => ({
      name,
      status: 'timed',
      reason: null,
      timeNs: samplesAround(ratio * 1e6),
      runs: 4,
      ratio: { median: ratio, low: ratio * 0.97, high: ratio * 1.04, n: 20 },
      relativeError: 1e-7,
    })),
  };
}

/** An adapter that does not exist. */
export function madeUpAdapter(changes: Partial<AdapterRow> = {}): AdapterRow {
  return {
    backend: 'webgpu',
    vendor: 'nvidia',
    architecture: 'madeup',
    device: 'Made-up GPU',
    description: 'NVIDIA: 999.1',
    software: false,
    f16: true,
    subgroups: { minSize: 32, maxSize: 32 },
    subgroupMatrixConfigs: [],
    timestampQuery: true,
    clockStepNs: 32,
    boundsChecked: false,
    features: [],
    limits: {},
    ...changes,
  };
}

/** A results file of a GPU that does not exist. */
export function madeUpResult(changes: Partial<BenchResult> = {}): BenchResult {
  return {
    schema: SCHEMA_VERSION,
    createdAt: '2026-01-02T03:04:05.000Z',
    versions: { tilewise: '0.1.0', webgpu: '0.6.2', node: 'v20.0.0' },
    machine: {
      platform: 'linux',
      arch: 'x64',
      kernel: '6.1',
      distribution: 'Debian 12',
      cpuModel: 'Made-up processor',
      cpuCount: 8,
      memoryBytes: 2 ** 36,
      nodeVersion: 'v20.0.0',
      container: null,
      instance: { provider: null, instanceType: null, source: 'none', catalogued: false },
    },
    adapter: madeUpAdapter(),
    run: { model: { name: 'Llama-3.1-8B' }, extent: 'full', seed: 1, durationSeconds: 60 },
    ceilings: [],
    measurements: [madeUpRow()],
    leftOut: [],
    boundsChecks: [],
    host: [],
    estimates: [],
    notices: [],
    ...changes,
  };
}
