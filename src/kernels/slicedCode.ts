// All that cuts tensors larger than a binding in one chunk, for sliced.ts.
export { compactSlices } from './compact/slicing.ts';
export { copiesOf, copyable } from './convert/slicing.ts';
export { alignedStep, boundRanges, countable, cutAligned } from './cut.ts';
export { bordersPlan, rowSlices } from './scan/slices.ts';
export { plannedInSlices } from './slicing.ts';
