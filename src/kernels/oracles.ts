import { attentionBackwardOracle } from './attentionBackward/oracle.ts';
import { attentionOracle } from './attention/oracle.ts';
import { copyOracle, fmaChainOracle, matrixChainOracle, readOracle, writeOracle } from './ceiling/oracle.ts';
import { compactOracle } from './compact/oracle.ts';
import { convertOracle } from './convert/oracle.ts';
import { gateOracle } from './gate/oracle.ts';
import { histogramOracle } from './histogram/oracle.ts';
import { matmulOracle } from './matmul/oracle.ts';
import { normBackwardOracle } from './normBackward/oracle.ts';
import { normOracle } from './norm/oracle.ts';
import { reductionOracle } from './reduction/oracle.ts';
import { sampleOracle } from './sample/oracle.ts';
import { scanOracle } from './scan/oracle.ts';
import { segmentReductionOracle } from './segmentReduce/oracle.ts';
import { softmaxBackwardOracle } from './softmaxBackward/oracle.ts';
import { softmaxOracle } from './softmax/oracle.ts';
import { sortOracle } from './sort/oracle.ts';
import { writeRowsOracle } from './writeRows/oracle.ts';

/** Each operation's oracle, by the operation's name: what the CPU backend computes with. */
export const oracles = {
  matmul: matmulOracle,
  attention: attentionOracle,
  attentionBackward: attentionBackwardOracle,
  reduction: reductionOracle,
  scan: scanOracle,
  softmax: softmaxOracle,
  softmaxBackward: softmaxBackwardOracle,
  norm: normOracle,
  normBackward: normBackwardOracle,
  gate: gateOracle,
  convert: convertOracle,
  sort: sortOracle,
  histogram: histogramOracle,
  segmentReduce: segmentReductionOracle,
  compact: compactOracle,
  sample: sampleOracle,
  writeRows: writeRowsOracle,
  copy: copyOracle,
  read: readOracle,
  write: writeOracle,
  fmaChain: fmaChainOracle,
  matrixChain: matrixChainOracle,
};
