import Papa from 'papaparse';
import * as v from 'valibot';
import type { Accelerator, FacilityFact, Instance, PublishedMeasurement } from './types.ts';

const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'));
const optionalText = v.pipe(
  v.string(),
  v.trim(),
  v.transform((cell) => (cell === '' ? undefined : cell)),
);
// Zero is refused with the rest: a price or a rate of 0 in a table means "unknown", which is an empty cell here.
const positive = v.pipe(
  text,
  v.decimal('must be a number'),
  v.transform(Number),
  v.gtValue(0, 'must be above 0'),
);
const optionalPositive = v.union([
  v.pipe(
    v.literal(''),
    v.transform(() => undefined),
  ),
  positive,
]);
const optionalDate = v.union([
  v.pipe(
    v.literal(''),
    v.transform(() => undefined),
  ),
  v.pipe(v.string(), v.isoDate('must be a date, YYYY-MM-DD')),
]);

const webgpuReach = v.pipe(
  v.picklist(['yes', 'no', 'unverified', 'yes (expected, unverified)']),
  v.transform((cell) => (cell === 'yes' || cell === 'no' ? cell : 'unverified')),
);

/** A row of `accelerators.csv`. */
export const acceleratorSchema = v.pipe(
  v.strictObject({
    id: v.pipe(text, v.regex(/^[a-z0-9-]+$/)),
    name: text,
    vendor: text,
    architecture: optionalText,
    year: optionalPositive,
    memory_gb: optionalPositive,
    memory_bw_gbs: optionalPositive,
    fp32_tflops: optionalPositive,
    tf32_dense_tflops: optionalPositive,
    fp16_tensor_dense_tflops: optionalPositive,
    bf16_dense_tflops: optionalPositive,
    fp8_dense_tflops: optionalPositive,
    fp4_dense_tflops: optionalPositive,
    int8_dense_tops: optionalPositive,
    fp16_nontensor_tflops: optionalPositive,
    l2_mb: optionalPositive,
    sm_count: optionalPositive,
    boost_mhz: optionalPositive,
    tdp_w: optionalPositive,
    interconnect: optionalText,
    webgpu_capable: webgpuReach,
    derived_fields: optionalText,
    check_fp16_from_sm_clk: optionalText,
    conflicts_and_notes: optionalText,
    source: text,
  }),
  v.transform((row): Accelerator => ({
    id: row.id,
    name: row.name,
    vendor: row.vendor,
    architecture: row.architecture,
    year: row.year,
    memoryGb: row.memory_gb,
    memoryGigabytesPerSecond: row.memory_bw_gbs,
    peakTflops: {
      fp32: row.fp32_tflops,
      fp16Vector: row.fp16_nontensor_tflops,
      fp16Tensor: row.fp16_tensor_dense_tflops,
      bf16Tensor: row.bf16_dense_tflops,
      tf32Tensor: row.tf32_dense_tflops,
      fp8Tensor: row.fp8_dense_tflops,
      fp4Tensor: row.fp4_dense_tflops,
      int8Tensor: row.int8_dense_tops,
    },
    lastLevelCacheMb: row.l2_mb,
    processorCount: row.sm_count,
    boostMhz: row.boost_mhz,
    boardWatts: row.tdp_w,
    interconnect: row.interconnect,
    webgpu: row.webgpu_capable,
    derivedFields: row.derived_fields,
    peakCheck: row.check_fp16_from_sm_clk,
    notes: row.conflicts_and_notes,
    source: row.source,
  })),
);

/** A row of `instances.csv`. */
export const instanceSchema = v.pipe(
  v.strictObject({
    provider: v.pipe(text, v.regex(/^[a-z][a-z-]*$/)),
    instance_type: text,
    accelerator_id: text,
    accelerator_count: optionalPositive,
    vcpus: optionalPositive,
    memory_gb: optionalPositive,
    network_gbps: optionalPositive,
    local_storage_gb: optionalPositive,
    on_demand_usd_per_hour: optionalPositive,
    spot_usd_per_hour: optionalPositive,
    region: optionalText,
    price_date: optionalDate,
    source: text,
    note: optionalText,
  }),
  v.transform((row): Instance => ({
    provider: row.provider,
    instanceType: row.instance_type,
    acceleratorId: row.accelerator_id,
    acceleratorCount: row.accelerator_count,
    vcpuCount: row.vcpus,
    memoryGb: row.memory_gb,
    networkGigabitsPerSecond: row.network_gbps,
    localStorageGb: row.local_storage_gb,
    onDemandUsdPerHour: row.on_demand_usd_per_hour,
    spotUsdPerHour: row.spot_usd_per_hour,
    region: row.region,
    priceDate: row.price_date,
    source: row.source,
    note: row.note,
  })),
);

/** A row of `published-throughput.csv`. */
export const publishedSchema = v.pipe(
  v.strictObject({
    kind: v.picklist(['gemm', 'gemv', 'attention', 'membw', 'allreduce', 'link', 'llm', 'image', 'power']),
    accelerator: text,
    count: positive,
    workload: text,
    dtype: optionalText,
    size: optionalText,
    value: positive,
    unit: v.picklist(['TFLOP/s', 'GB/s', 'tokens/s', 'samples/s', 'ms', 'W']),
    derived_value: optionalPositive,
    derived_unit: optionalText,
    source: text,
    date: optionalText,
    note: optionalText,
  }),
  v.transform((row): PublishedMeasurement => ({
    kind: row.kind,
    acceleratorId: row.accelerator,
    acceleratorCount: row.count,
    workload: row.workload,
    dtype: row.dtype,
    size: row.size,
    value: row.value,
    unit: row.unit,
    derivedValue: row.derived_value,
    derivedUnit: row.derived_unit,
    source: row.source,
    date: row.date,
    note: row.note,
  })),
);

/** A row of `power-and-facility.csv`. */
export const facilitySchema = v.pipe(
  v.strictObject({
    topic: text,
    subject: text,
    metric: text,
    value: optionalText,
    unit: optionalText,
    year_or_date: optionalText,
    source: optionalText,
    note: optionalText,
  }),
  v.transform((row): FacilityFact => ({
    topic: row.topic,
    subject: row.subject,
    metric: row.metric,
    value: row.value,
    unit: row.unit,
    date: row.year_or_date,
    source: row.source,
    note: row.note,
  })),
);

/**
 * Reads a CSV file with a header line into checked rows.
 *
 * @param file name for messages
 * @throws Error naming file, row (the header is row 1) and column when the text is not CSV or a cell is not as it should be
 */
export function parseTable<T>(file: string, csv: string, schema: v.GenericSchema<unknown, T>): readonly T[] {
  const { data, errors } = Papa.parse<unknown>(csv.trim(), { header: true, skipEmptyLines: true });
  const [problem] = errors;
  if (problem) throw new Error(`${file}, row ${(problem.row ?? 0) + 2}: ${problem.message}`);
  return Object.freeze(
    data.map((cells, index) => {
      const result = v.safeParse(schema, cells);
      if (result.success) return result.output;
      const [issue] = result.issues;
      throw new Error(`${file}, row ${index + 2}, ${v.getDotPath(issue) ?? 'row'}: ${issue.message}`);
    }),
  );
}
