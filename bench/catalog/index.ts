export { findAccelerator, findInstances, nearest } from './lookup.ts';
export type { InstanceLookup } from './lookup.ts';
export { isSoftwareAdapter, matchAccelerator } from './match.ts';
export type { AdapterDescription } from './match.ts';
export { parseAccelerator } from './parseAccelerator.ts';
export { accelerators, instances, publishedMeasurements } from './tables.ts';
export type { Accelerator, ArithmeticUnit, Instance, PublishedMeasurement, WebgpuReach } from './types.ts';
