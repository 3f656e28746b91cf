import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The declaration of `Params` for columns that go slice by slice. */
export const sliceParamsPart = part(softmaxTexts, 'softmax/sliceParams');
