// What multiplies on tensor cores, loaded together.
export { split } from './split.ts';
export { subgroupMatrix } from './subgroupMatrix.ts';
