// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** `statisticAt(at)` (`read`) and `storeStatistic(at, statistic)` (`write`, `merge`), with `statistics`; binding 5. */
export const statistics = variants(attentionBackwardTexts, 'lib/statistics', ['read', 'write', 'merge']);
