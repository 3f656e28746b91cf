import { attentionCases } from './attention/cases.ts';
import { attentionOperation } from './attention/index.ts';
import { attentionBackwardCases } from './attentionBackward/cases.ts';
import { attentionBackwardOperation } from './attentionBackward/index.ts';
import { convertCases } from './convert/cases.ts';
import { convertOperation } from './convert/index.ts';
import { compactCases } from './compact/cases.ts';
import { compactOperation } from './compact/index.ts';
import type { Case, Operation } from './define.ts';
import { gateCases } from './gate/cases.ts';
import { gateOperation } from './gate/index.ts';
import { histogramCases } from './histogram/cases.ts';
import { histogramOperation } from './histogram/index.ts';
import { matmulCases } from './matmul/cases.ts';
import { matmulOperation } from './matmul/index.ts';
import { normCases } from './norm/cases.ts';
import { normOperation } from './norm/index.ts';
import { normBackwardCases } from './normBackward/cases.ts';
import { normBackwardOperation } from './normBackward/index.ts';
import { reductionCases } from './reduction/cases.ts';
import { reductionOperation } from './reduction/index.ts';
import { sampleCases } from './sample/cases.ts';
import { sampleOperation } from './sample/index.ts';
import { scanCases } from './scan/cases.ts';
import { scanOperation } from './scan/index.ts';
import { segmentReductionCases } from './segmentReduce/cases.ts';
import { segmentReductionOperation } from './segmentReduce/index.ts';
import { softmaxCases } from './softmax/cases.ts';
import { softmaxOperation } from './softmax/index.ts';
import { sortCases } from './sort/cases.ts';
import { sortOperation } from './sort/index.ts';
import { writeRowsCases } from './writeRows/cases.ts';
import { writeRowsOperation } from './writeRows/index.ts';
import { softmaxBackwardCases } from './softmaxBackward/cases.ts';
import { softmaxBackwardOperation } from './softmaxBackward/index.ts';

/** An operation and the problems that every one of its kernels is tested on. */
export interface Registered<P> {
  readonly operation: Operation<P>;
  readonly cases: readonly Case<P>[];
}

/** Keeps an operation and its cases of one type while the list below forgets which. */
function register<P>(operation: Operation<P>, cases: readonly Case<P>[]): Registered<unknown> {
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
