import acceleratorsCsv from './accelerators.csv?raw';
import instancesCsv from './instances.csv?raw';
import publishedCsv from './published-throughput.csv?raw';
import { acceleratorSchema, instanceSchema, parseTable, publishedSchema } from './schema.ts';
import type { Accelerator, Instance, PublishedMeasurement } from './types.ts';

export const accelerators: readonly Accelerator[] = /* @__PURE__ */ parseTable(
  'accelerators.csv',
  acceleratorsCsv,
  acceleratorSchema,
);

export const instances: readonly Instance[] = /* @__PURE__ */ parseTable(
  'instances.csv',
  instancesCsv,
  instanceSchema,
);

export const publishedMeasurements: readonly PublishedMeasurement[] = /* @__PURE__ */ parseTable(
  'published-throughput.csv',
  publishedCsv,
  publishedSchema,
);
