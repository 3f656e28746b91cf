import type { ScanProblem } from '../../reference/scan.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { everyOperatorPart, operatorShader } from './operator.ts';
import { paramsPart, scanParams } from './params.ts';
import naiveSource from '../../../shaders/scan/naive.wgsl?raw';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source: ShaderPart = { path: 'scan/naive.wgsl', code: naiveSource };
const parts = [paramsPart, workgroupIndex, source];

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<ScanProblem, Config>({
  name: 'scan/naive',
  parts: [...parts, ...everyOperatorPart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const operator = operatorShader(problem);
    const chunk = Math.max(1, Math.ceil(Math.sqrt(problem.length)));
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'scan/naive',
          shader: { ...operator, parts: [...operator.parts, ...parts] },
          params: scanParams(problem, { parts: ceilDiv(problem.length, chunk), chunk }),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(ceilDiv(problem.outer * problem.inner, WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
