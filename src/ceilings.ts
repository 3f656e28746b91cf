// `tilewise/ceilings`: operations that do one thing and nothing else, whose speed bounds all others on the same device.
export {
  copyVectors,
  matrixMultiplyAddChain,
  multiplyAddChain,
  readVectors,
  type ChainOptions,
} from './ops/ceilings.ts';
