import type { GateProblem } from '../../reference/gate.ts';
import type { Operation } from '../define.ts';
import { gateContract } from './contract.ts';
import { elementwise } from './elementwise.ts';

/** What a gate lets through; where gate and input come from one product, `matmul` does it in its epilogue. */
export const gateOperation: Operation<GateProblem> = { ...gateContract, kernels: [elementwise] };
