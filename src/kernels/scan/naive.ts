import { scanRows, type ScanProblem } from '../../reference/scan.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { lines } from './snippets.ts';
import { linesPart } from './elements.ts';
import { everyOperatorPart, operatorShader } from './operator.ts';
import { paramsPart, scanParams } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(scanTexts, 'scan/naive');
const parts = [paramsPart, workgroupIndex, source];

/** One invocation a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<ScanProblem, Config>({
  name: 'scan/naive',
  parts: [...parts, ...Object.values(lines), ...everyOperatorPart],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const operator = operatorShader(problem);
    const { length, segments } = problem;
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'scan/naive',
          shader: { ...operator, parts: [...operator.parts, ...parts, linesPart(problem)] },
          params: scanParams(problem, { parts: 1, chunk: length }),
          bindings: [input(0), output(0), ...(segments === undefined ? [] : [input(1)])],
          workgroups: foldWorkgroups(ceilDiv(scanRows(problem), WORKGROUP_SIZE), caps),
        },
      ],
    };
  },
});
