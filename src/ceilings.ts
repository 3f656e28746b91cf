/**
 * Operations that do one thing and nothing else, whose speed bounds all others on the same device.
 *
 * @module tilewise/ceilings
 */
export {
  copyVectors,
  matrixMultiplyAddChain,
  multiplyAddChain,
  readVectors,
  type ChainOptions,
} from './ops/ceilings.ts';
