// All that cuts tensors larger than a binding in one chunk, for sliced.ts.
export { compactSlices } from './compact/slicing.ts';
export { copiesOf } from './convert/slicing.ts';
export { alignedStep, boundRanges, cutAligned } from './cut.ts';
export { bordersPlan, rowSlices } from './scan/slices.ts';
export { plannedInSlices } from './slicing.ts';
