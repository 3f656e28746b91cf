/**
 * What workloads yield on instance types, what they cost and draw: pure functions over the catalogue.
 *
 * @module tilewise/estimate
 */
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
  Profile,
  SortKey,
} from './types.ts';
export { acceleratorInstance } from './instances.ts';
export { attentionOperation, matmulOperation, shapeOf, streamOperation } from './operations.ts';
export type { AttentionShape } from './model/attention.ts';
export type { Percentiles } from './model/interval.ts';
export type { MatmulShape } from './model/matmul.ts';
export type { Shape } from './model/predict.ts';
export { parseModelConfig } from './transformer/config.ts';
export { estimateTransformers } from './transformer/estimateTransformers.ts';
export type {
  TransformerRequest,
  TransformerResult,
  TransformerRow,
} from './transformer/estimateTransformers.ts';
export { MODELS, parameterCount } from './transformer/model.ts';
export type { TransformerModel } from './transformer/model.ts';
export type { TransformerWorkload } from './transformer/serve.ts';
export { WEIGHT_FORMATS } from './transformer/weights.ts';
export type { WeightFormat } from './transformer/weights.ts';
export {
  accelerators,
  findAccelerator,
  findInstances,
  instances,
  isSoftwareAdapter,
  matchAccelerator,
  parseAccelerator,
} from '../catalog/index.ts';
export type {
  Accelerator,
  AdapterDescription,
  ArithmeticUnit,
  Instance,
  InstanceLookup,
  WebgpuReach,
} from '../catalog/index.ts';
