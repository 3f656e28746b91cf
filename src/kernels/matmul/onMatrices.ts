import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Kernel } from '../define.ts';
import { NO_MATRICES } from '../lib.ts';
import { kernelOnDemand } from '../onDemand.ts';

const onMatrices = (name: 'subgroupMatrix' | 'split'): Kernel<MatmulProblem> =>
  kernelOnDemand(
    `matmul/${name}`,
    'matrices',
    async () => (await import('./matrices.ts'))[name],
    NO_MATRICES,
  );

export const subgroupMatrix = onMatrices('subgroupMatrix');
export const split = onMatrices('split');
