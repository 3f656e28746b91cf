// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import statisticsRead from '../../../shaders/lib/statistics/read.wgsl?raw';
import statisticsWrite from '../../../shaders/lib/statistics/write.wgsl?raw';

/** `statisticAt(at)` (`read`) and `storeStatistic(at, statistic)` (`write`), both with `statistics`; binding 5. */
export const statistics: Readonly<Record<'read' | 'write', ShaderPart>> = {
  read: { path: 'lib/statistics/read.wgsl', code: statisticsRead },
  write: { path: 'lib/statistics/write.wgsl', code: statisticsWrite },
};
