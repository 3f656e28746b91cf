import type { SampleProblem } from '../../reference/sample.ts';
import type { Operation } from '../define.ts';
import { sampleContract } from './contract.ts';
import { row } from './row.ts';

/** Drawing tokens from logits. */
export const sampleOperation: Operation<SampleProblem> = { ...sampleContract, kernels: [row] };
