import {
  attentionBackwardOperation,
  attentionOperation,
  compactOperation,
  convertOperation,
  gateOperation,
  histogramOperation,
  matmulOperation,
  normBackwardOperation,
  normOperation,
  reductionOperation,
  sampleOperation,
  scanOperation,
  segmentReductionOperation,
  softmaxBackwardOperation,
  softmaxOperation,
  sortOperation,
  writeRowsOperation,
} from './checked.ts';
import { attentionCases } from './attention/cases.ts';
import { attentionBackwardCases } from './attentionBackward/cases.ts';
import { convertCases } from './convert/cases.ts';
import { compactCases } from './compact/cases.ts';
import type { Case, CheckedOperation } from './define.ts';
import { gateCases } from './gate/cases.ts';
import { histogramCases } from './histogram/cases.ts';
import { matmulCases } from './matmul/cases.ts';
import { normCases } from './norm/cases.ts';
import { normBackwardCases } from './normBackward/cases.ts';
import { reductionCases } from './reduction/cases.ts';
import { sampleCases } from './sample/cases.ts';
import { scanCases } from './scan/cases.ts';
import { segmentReductionCases } from './segmentReduce/cases.ts';
import { softmaxCases } from './softmax/cases.ts';
import { sortCases } from './sort/cases.ts';
import { writeRowsCases } from './writeRows/cases.ts';
import { softmaxBackwardCases } from './softmaxBackward/cases.ts';

/** An operation and the problems that every one of its kernels is tested on. */
export interface Registered<P> {
  readonly operation: CheckedOperation<P>;
  readonly cases: readonly Case<P>[];
}

/** Keeps an operation and its cases of one type while the list below forgets which. */
function register<P>(operation: CheckedOperation<P>, cases: readonly Case<P>[]): Registered<unknown> {
  return { operation, cases };
}

/** Every operation, for tests, benchmarks and the tuner. The library imports each operation's own list instead. */
export const registry: readonly Registered<unknown>[] = [
  register(matmulOperation, matmulCases),
  register(attentionOperation, attentionCases),
  register(attentionBackwardOperation, attentionBackwardCases),
  register(reductionOperation, reductionCases),
  register(scanOperation, scanCases),
  register(softmaxOperation, softmaxCases),
  register(softmaxBackwardOperation, softmaxBackwardCases),
  register(normOperation, normCases),
  register(normBackwardOperation, normBackwardCases),
  register(gateOperation, gateCases),
  register(convertOperation, convertCases),
  register(sortOperation, sortCases),
  register(histogramOperation, histogramCases),
  register(segmentReductionOperation, segmentReductionCases),
  register(compactOperation, compactCases),
  register(sampleOperation, sampleCases),
  register(writeRowsOperation, writeRowsCases),
];
