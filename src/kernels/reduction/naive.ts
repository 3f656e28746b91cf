import { gridSize } from '../../reference/grids.ts';
import type { ReductionProblem } from '../../reference/reduction.ts';
import { input } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { broadcast, workgroupIndex } from '../lib.ts';
import { combineParts, reductionPlan } from './combine.ts';
import { everyOperatorPart } from './operator.ts';
import { paramsPart, reductionParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(reductionTexts, 'reduction/naive');
const parts = [paramsPart, broadcast, workgroupIndex, source];

/** One invocation a result: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<ReductionProblem, Config>({
  name: 'reduction/naive',
  parts: [...parts, ...combineParts, ...everyOperatorPart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const kept = gridSize(problem.keptDims);
    const reduced = gridSize(problem.reducedDims);
    const chunk = Math.max(1, Math.ceil(Math.sqrt(reduced)));
    return reductionPlan(problem, 1, caps, (operator, stores) => ({
      label: 'reduction/naive',
      shader: { ...operator, parts: [...operator.parts, ...parts] },
      params: reductionParams(problem, { split: ceilDiv(reduced, chunk), chunk }),
      bindings: [input(0), stores],
      workgroups: foldWorkgroups(ceilDiv(kept, WORKGROUP_SIZE), caps),
    }));
  },
});
