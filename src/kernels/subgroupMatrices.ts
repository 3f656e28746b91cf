import type { Capabilities, SubgroupMatrixConfig } from '../runtime/capabilities.ts';

/**
 * Sizes of matrices of `component` with sums of type `sum` that the adapter multiplies, the largest first: they take fewer
 * instructions, and on Hopper 16x16x16 reaches a third more than 16x8x8.
 */
export function subgroupMatrices(
  { subgroupMatrixConfigs }: Capabilities,
  component: 'f16' | 'i8',
  sum: 'f32' | 'i32',
): readonly SubgroupMatrixConfig[] {
  const volume = ({ m, n, k }: SubgroupMatrixConfig): number => m * n * k;
  return subgroupMatrixConfigs
    .filter((config) => config.componentType === component && config.resultType === sum)
    .filter(({ m, n, k }) => m % 8 === 0 && n % 8 === 0 && k % 8 === 0)
    .toSorted((a, b) => volume(b) - volume(a));
}
