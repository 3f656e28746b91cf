// What multiplies tensors larger than a binding, loaded together.
export { slices } from './slices.ts';
export { matmulSlicing } from './slicing.ts';
