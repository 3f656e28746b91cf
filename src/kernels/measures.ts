import { dtypeSizeBytes } from '../tensor.ts';
import { attentionMeasures } from './attention/measures.ts';
import { attentionBackwardMeasures } from './attentionBackward/measures.ts';
import { fmaChainMeasures, matrixChainMeasures, memoryMeasures } from './ceiling/measures.ts';
import { compactMeasures } from './compact/measures.ts';
import { convertMeasures } from './convert/measures.ts';
import { gateMeasures } from './gate/measures.ts';
import { histogramMeasures } from './histogram/measures.ts';
import { matmulMeasures } from './matmul/measures.ts';
import { normMeasures } from './norm/measures.ts';
import { normBackwardMeasures } from './normBackward/measures.ts';
import { reductionMeasures } from './reduction/measures.ts';
import { sampleMeasures } from './sample/measures.ts';
import { scanMeasures } from './scan/measures.ts';
import { segmentReductionMeasures } from './segmentReduce/measures.ts';
import { softmaxMeasures } from './softmax/measures.ts';
import { softmaxBackwardMeasures } from './softmaxBackward/measures.ts';
import { sortMeasures } from './sort/measures.ts';
import { writeRowsMeasures } from './writeRows/measures.ts';
import { bytesOf } from './bytesOf.ts';
import type { MeasuredOperation, Operation, OwnMeasures } from './define.ts';

/** Each operation's measures, by the operation's name. */
const MEASURES: Readonly<Record<string, OwnMeasures<never>>> = {
  matmul: matmulMeasures,
  attention: attentionMeasures,
  attentionBackward: attentionBackwardMeasures,
  reduction: reductionMeasures,
  scan: scanMeasures,
  softmax: softmaxMeasures,
  softmaxBackward: softmaxBackwardMeasures,
  norm: normMeasures,
  normBackward: normBackwardMeasures,
  gate: gateMeasures,
  convert: convertMeasures,
  sort: sortMeasures,
  histogram: histogramMeasures,
  segmentReduce: segmentReductionMeasures,
  compact: compactMeasures,
  sample: sampleMeasures,
  writeRows: writeRowsMeasures,
  copy: memoryMeasures,
  read: memoryMeasures,
  write: memoryMeasures,
  fmaChain: fmaChainMeasures,
  matrixChain: matrixChainMeasures,
};

/** An operation together with what it is measured by. One that is not in the list brings that itself. */
export function measured<P>(operation: Operation<P>): MeasuredOperation<P> {
  const own = (MEASURES[operation.name] ?? operation) as OwnMeasures<P>;
  return {
    ...operation,
    ...own,
    bytes: (problem) =>
      own.bytes?.(problem, operation) ??
      bytesOf([...operation.inputs(problem), ...operation.outputs(problem)], dtypeSizeBytes),
  };
}
