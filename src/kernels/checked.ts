import { withOracle } from './define.ts';
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
import { oracles } from './oracles.ts';

// Operations together with their oracles, for tests and benchmarks.

export const attentionBackwardOperation = withOracle(attentionBackwardKernels, oracles.attentionBackward);
export const attentionOperation = withOracle(attentionKernels, oracles.attention);
export const compactOperation = withOracle(compactKernels, oracles.compact);
export const convertOperation = withOracle(convertKernels, oracles.convert);
export const gateOperation = withOracle(gateKernels, oracles.gate);
export const histogramOperation = withOracle(histogramKernels, oracles.histogram);
export const matmulOperation = withOracle(matmulKernels, oracles.matmul);
export const normBackwardOperation = withOracle(normBackwardKernels, oracles.normBackward);
export const normOperation = withOracle(normKernels, oracles.norm);
export const reductionOperation = withOracle(reductionKernels, oracles.reduction);
export const sampleOperation = withOracle(sampleKernels, oracles.sample);
export const scanOperation = withOracle(scanKernels, oracles.scan);
export const segmentReductionOperation = withOracle(segmentReductionKernels, oracles.segmentReduce);
export const softmaxBackwardOperation = withOracle(softmaxBackwardKernels, oracles.softmaxBackward);
export const softmaxOperation = withOracle(softmaxKernels, oracles.softmax);
export const sortOperation = withOracle(sortKernels, oracles.sort);
export const writeRowsOperation = withOracle(writeRowsKernels, oracles.writeRows);
export const copyOperation = withOracle(copyKernels, oracles.copy);
export const readOperation = withOracle(readKernels, oracles.read);
export const writeOperation = withOracle(writeKernels, oracles.write);
export const fmaChainOperation = withOracle(fmaChainKernels, oracles.fmaChain);
export const matrixChainOperation = withOracle(matrixChainKernels, oracles.matrixChain);
