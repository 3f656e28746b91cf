import { isExactSum, scanRows, type ScanProblem } from '../../reference/scan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { EXACT_STATE_BYTES } from '../operator.ts';
import { carry, lines, scanTotal } from './snippets.ts';
import { linesPart } from './elements.ts';
import { everyOperatorPart, operatorShader, STATE_BYTES } from './operator.ts';
import { paramsPart, scanParams } from './params.ts';
import { rowSlices, wholeRows } from './slicing.ts';
import { wholeTasksPlan } from './plan.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(scanTexts, 'scan/naive');
const parts = [paramsPart, workgroupIndex, source];

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<ScanProblem, Config>({
  name: 'scan/naive',
  parts: [
    ...parts,
    ...Object.values(lines),
    ...Object.values(carry),
    ...Object.values(scanTotal),
    ...everyOperatorPart,
  ],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    // Rows that are not segments are for the kernels that cut them into parts.
    const sliced = problem.segments === undefined ? wholeRows(problem) : rowSlices(problem, caps);
    const slices = typeof sliced === 'string' ? wholeRows(problem) : sliced;
    const stateBytes = isExactSum(problem) ? EXACT_STATE_BYTES : STATE_BYTES;
    return wholeTasksPlan(problem, slices, stateBytes, (tasks) => {
      const operator = operatorShader(tasks.problem);
      return {
        label: 'scan/naive',
        shader: {
          ...operator,
          parts: [...operator.parts, ...parts, linesPart(tasks.problem), ...tasks.parts],
        },
        params: scanParams(tasks.problem, { parts: 1, chunk: tasks.problem.length }, tasks.place),
        bindings: tasks.bindings,
        workgroups: foldWorkgroups(ceilDiv(scanRows(problem), WORKGROUP_SIZE), caps),
      };
    });
  },
});
