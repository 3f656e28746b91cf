import type { ConvertProblem } from '../../reference/convert.ts';
import type { Operation } from '../define.ts';
import { convertContract } from './contract.ts';
import { strided } from './strided.ts';

/** Copies of views without gaps, and conversion between types. */
export const convertOperation: Operation<ConvertProblem> = { ...convertContract, kernels: [strided] };
