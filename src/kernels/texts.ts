/**
 * Where the texts of shaders are loaded from: WGSL files that are needed together are in one module, which is loaded when the first
 * pipeline is made of one of them. Recording an operation does not wait for it.
 */
import type { ShaderTexts } from '../wgsl/source.ts';

export const attentionTexts: ShaderTexts = () => import('./texts/attention.ts');
export const attentionBackwardTexts: ShaderTexts = () => import('./texts/attentionBackward.ts');
export const attentionBackwardMatricesTexts: ShaderTexts = () =>
  import('./texts/attentionBackwardMatrices.ts');
export const attentionMatricesTexts: ShaderTexts = () => import('./texts/attentionMatrices.ts');
export const attentionSlicesTexts: ShaderTexts = () => import('./texts/attentionSlices.ts');
export const ceilingTexts: ShaderTexts = () => import('./texts/ceiling.ts');
export const commonTexts: ShaderTexts = () => import('./texts/common.ts');
export const compactTexts: ShaderTexts = () => import('./texts/compact.ts');
export const convertTexts: ShaderTexts = () => import('./texts/convert.ts');
export const gateTexts: ShaderTexts = () => import('./texts/gate.ts');
export const histogramTexts: ShaderTexts = () => import('./texts/histogram.ts');
export const matmulTexts: ShaderTexts = () => import('./texts/matmul.ts');
export const matmulIntegersTexts: ShaderTexts = () => import('./texts/matmulIntegers.ts');
export const matmulMatricesTexts: ShaderTexts = () => import('./texts/matmulMatrices.ts');
export const matmulQuantizedTexts: ShaderTexts = () => import('./texts/matmulQuantized.ts');
export const normTexts: ShaderTexts = () => import('./texts/norm.ts');
export const normBackwardTexts: ShaderTexts = () => import('./texts/normBackward.ts');
export const operatorsTexts: ShaderTexts = () => import('./texts/operators.ts');
export const reductionTexts: ShaderTexts = () => import('./texts/reduction.ts');
export const sampleTexts: ShaderTexts = () => import('./texts/sample.ts');
export const scanTexts: ShaderTexts = () => import('./texts/scan.ts');
export const segmentReduceTexts: ShaderTexts = () => import('./texts/segmentReduce.ts');
export const softmaxTexts: ShaderTexts = () => import('./texts/softmax.ts');
export const softmaxBackwardTexts: ShaderTexts = () => import('./texts/softmaxBackward.ts');
export const sortTexts: ShaderTexts = () => import('./texts/sort.ts');
export const sortSlicesTexts: ShaderTexts = () => import('./texts/sortSlices.ts');
export const writeRowsTexts: ShaderTexts = () => import('./texts/writeRows.ts');
