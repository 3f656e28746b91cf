export { estimate } from './estimate.ts';
export { BASIS_WORDS } from './types.ts';
export type {
  Basis,
  Bottleneck,
  EstimateRequest,
  EstimateResult,
  EstimateRow,
  Explanation,
  ExplanationInput,
  MeasuredRun,
  MeasuredTime,
  Measurement,
  Operation,
  PriceAge,
} from './types.ts';
export {
  accelerators,
  findAccelerator,
  findInstances,
  instances,
  isSoftwareAdapter,
  matchAccelerator,
} from '../catalog/index.ts';
export type {
  Accelerator,
  AdapterDescription,
  ArithmeticUnit,
  Instance,
  InstanceLookup,
  WebgpuReach,
} from '../catalog/index.ts';
