import type { CheckedOperation, Operation, Oracle } from './define.ts';
import { attentionBackwardOperation as attentionBackwardKernels } from './attentionBackward/index.ts';
import { attentionOperation as attentionKernels } from './attention/index.ts';
import {
  copyOperation as copyKernels,
  fmaChainOperation as fmaChainKernels,
  matrixChainOperation as matrixChainKernels,
  readOperation as readKernels,
  writeOperation as writeKernels,
} from './ceiling/index.ts';
import { compactOperation as compactKernels } from './compact/index.ts';
import { convertOperation as convertKernels } from './convert/index.ts';
import { gateOperation as gateKernels } from './gate/index.ts';
import { histogramOperation as histogramKernels } from './histogram/index.ts';
import { matmulOperation as matmulKernels } from './matmul/index.ts';
import { normBackwardOperation as normBackwardKernels } from './normBackward/index.ts';
import { normOperation as normKernels } from './norm/index.ts';
import { reductionOperation as reductionKernels } from './reduction/index.ts';
import { sampleOperation as sampleKernels } from './sample/index.ts';
import { scanOperation as scanKernels } from './scan/index.ts';
import { segmentReductionOperation as segmentReductionKernels } from './segmentReduce/index.ts';
import { softmaxBackwardOperation as softmaxBackwardKernels } from './softmaxBackward/index.ts';
import { softmaxOperation as softmaxKernels } from './softmax/index.ts';
import { sortOperation as sortKernels } from './sort/index.ts';
import { writeRowsOperation as writeRowsKernels } from './writeRows/index.ts';
import { measured } from './measures.ts';
import { oracles } from './oracles.ts';

// Operations together with their measures and oracles, for tests and benchmarks.

const checked = <P>(operation: Operation<P>, oracle: Oracle<P>): CheckedOperation<P> => ({
  ...measured(operation),
  ...oracle,
});

export const attentionBackwardOperation = checked(attentionBackwardKernels, oracles.attentionBackward);
export const attentionOperation = checked(attentionKernels, oracles.attention);
export const compactOperation = checked(compactKernels, oracles.compact);
export const convertOperation = checked(convertKernels, oracles.convert);
export const gateOperation = checked(gateKernels, oracles.gate);
export const histogramOperation = checked(histogramKernels, oracles.histogram);
export const matmulOperation = checked(matmulKernels, oracles.matmul);
export const normBackwardOperation = checked(normBackwardKernels, oracles.normBackward);
export const normOperation = checked(normKernels, oracles.norm);
export const reductionOperation = checked(reductionKernels, oracles.reduction);
export const sampleOperation = checked(sampleKernels, oracles.sample);
export const scanOperation = checked(scanKernels, oracles.scan);
export const segmentReductionOperation = checked(segmentReductionKernels, oracles.segmentReduce);
export const softmaxBackwardOperation = checked(softmaxBackwardKernels, oracles.softmaxBackward);
export const softmaxOperation = checked(softmaxKernels, oracles.softmax);
export const sortOperation = checked(sortKernels, oracles.sort);
export const writeRowsOperation = checked(writeRowsKernels, oracles.writeRows);
export const copyOperation = checked(copyKernels, oracles.copy);
export const readOperation = checked(readKernels, oracles.read);
export const writeOperation = checked(writeKernels, oracles.write);
export const fmaChainOperation = checked(fmaChainKernels, oracles.fmaChain);
export const matrixChainOperation = checked(matrixChainKernels, oracles.matrixChain);
