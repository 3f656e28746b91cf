import * as v from 'valibot';
import type { Accelerator } from './types.ts';

const positive = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be finite'),
    v.gtValue(0, 'must be above 0; leave out what is unknown'),
  ),
);
const text = v.pipe(v.string('must be text'), v.trim(), v.nonEmpty('must not be empty'));

const schema = v.strictObject(
  {
    id: v.optional(text),
    name: text,
    vendor: text,
    architecture: v.optional(text),
    year: positive,
    memoryGb: positive,
    memoryGigabytesPerSecond: positive,
    peakTflops: v.strictObject(
      {
        fp32: positive,
        fp16Vector: positive,
        fp16Tensor: positive,
        bf16Tensor: positive,
        tf32Tensor: positive,
        fp8Tensor: positive,
        fp4Tensor: positive,
        int8Tensor: positive,
      },
      'must be an object of dense rates by unit',
    ),
    lastLevelCacheMb: positive,
    processorCount: positive,
    boostMhz: positive,
    boardWatts: positive,
    interconnect: v.optional(text),
    webgpu: v.optional(v.picklist(['yes', 'no', 'unverified'], 'must be yes, no or unverified')),
    derivedFields: v.optional(text),
    peakCheck: v.optional(text),
    notes: v.optional(text),
    source: v.optional(text),
  },
  'must be an object',
);

/**
 * Reads an accelerator that the catalogue lacks from JSON, under the names of `Accelerator`; what is left out is unknown.
 *
 * @param origin what messages call it, and its source unless it names one
 * @throws RangeError naming the field that is missing, unknown or makes no sense
 */
export function parseAccelerator(json: unknown, origin: string): Accelerator {
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue);
    const missing = issue.received === 'undefined';
    const what = issue.expected === 'never' ? 'is no field of an accelerator' : issue.message;
    throw new RangeError(
      field === null
        ? `${origin}: ${issue.message}`
        : `${origin}: the field "${field}" ${missing ? 'is missing' : what}`,
    );
  }
  const { id, name, peakTflops, webgpu = 'unverified', source = origin, ...rest } = parsed.output;
  return {
    id: id ?? name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    name,
    vendor: rest.vendor,
    architecture: rest.architecture,
    year: rest.year,
    memoryGb: rest.memoryGb,
    memoryGigabytesPerSecond: rest.memoryGigabytesPerSecond,
    peakTflops: {
      fp32: peakTflops.fp32,
      fp16Vector: peakTflops.fp16Vector,
      fp16Tensor: peakTflops.fp16Tensor,
      bf16Tensor: peakTflops.bf16Tensor,
      tf32Tensor: peakTflops.tf32Tensor,
      fp8Tensor: peakTflops.fp8Tensor,
      fp4Tensor: peakTflops.fp4Tensor,
      int8Tensor: peakTflops.int8Tensor,
    },
    lastLevelCacheMb: rest.lastLevelCacheMb,
    processorCount: rest.processorCount,
    boostMhz: rest.boostMhz,
    boardWatts: rest.boardWatts,
    interconnect: rest.interconnect,
    webgpu,
    derivedFields: rest.derivedFields,
    peakCheck: rest.peakCheck,
    notes: rest.notes,
    source,
  };
}
