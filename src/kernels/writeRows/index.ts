import type { WriteRowsProblem } from '../../reference/writeRows.ts';
import type { Operation } from '../define.ts';
import { writeRowsContract } from './contract.ts';
import { move } from './move.ts';

/** Writing rows to a cache, and rotating them; the order of the kernels is the order of preference. */
export const writeRowsOperation: Operation<WriteRowsProblem> = { ...writeRowsContract, kernels: [move] };
