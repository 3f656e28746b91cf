import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { Operation } from '../define.ts';
import { segmentReductionContract } from './contract.ts';
import { groups } from './groups.ts';

/** Reductions of segments of unequal lengths. */
export const segmentReductionOperation: Operation<SegmentReductionProblem> = {
  ...segmentReductionContract,
  kernels: [groups],
};
