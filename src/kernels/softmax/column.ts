import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { serialLimit } from '../rounding.ts';
import { everyQuadPart, QUAD, quadShader, softmaxParams } from './params.ts';
import { softmaxQuad } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

interface ColumnConfig extends Config {
  /** Invocations side by side, of four columns each; `COLUMNS` in the shader. */
  readonly columns: number;
  /** Invocations that share a column; `ROWS` in the shader. */
  readonly rows: number;
}

const source = part(softmaxTexts, 'softmax/column');

/** Rows that an invocation has in flight, as in the shader. */
const UNROLL = 4;

/** Every WebGPU device has as many invocations in a workgroup. */
const MAX_INVOCATIONS = 256;

/** Bytes of the maxima and sums of four columns. */
const STATE_BYTES = 32;

/** States that an invocation combines one after the other. */
const serialSteps = (length: number, rows: number): number => ceilDiv(length, UNROLL * rows);

/** Rows whose elements lie apart: a workgroup walks down a band of neighbouring ones, twice. */
export const column = defineKernel<SoftmaxProblem, ColumnConfig>({
  name: 'softmax/column',
  parts: [...everyQuadPart, softmaxQuad, source],
  space: { columns: [1, 2, 4, 8, 16, 32, 64], rows: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
  supports({ length, inner }) {
    if (inner === 1) return 'the elements of a row are neighbours';
    if (serialSteps(length, MAX_INVOCATIONS) > serialLimit(length)) {
      return `one workgroup would add too many of the ${length} elements of a row one after the other`;
    }
    return true;
  },
  legal({ columns, rows }, { length }, { limits }) {
    return (
      columns * rows <= limits.maxComputeInvocationsPerWorkgroup &&
      columns * rows * STATE_BYTES <= limits.maxComputeWorkgroupStorageSize &&
      serialSteps(length, rows) <= serialLimit(length)
    );
  },
  heuristic({ outer, length, inner }, caps) {
    const columns = Math.min(caps.software ? 64 : 32, powerOfTwo((outer * inner) / QUAD));
    let rows = caps.software ? 1 : Math.min(MAX_INVOCATIONS / columns, powerOfTwo(length / UNROLL));
    while (serialSteps(length, rows) > serialLimit(length)) rows *= 2;
    return { columns: Math.min(columns, MAX_INVOCATIONS / rows), rows };
  },
  plan(problem, { columns, rows }, caps) {
    // Drivers that run on a processor load elements one by one, fastest where neighbouring invocations load neighbours.
    const shader = quadShader(problem, caps.software ? 'scalar' : undefined);
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'softmax/column',
          shader: {
            ...shader,
            constants: { COLUMNS: columns, ROWS: rows },
            parts: [...shader.parts, softmaxQuad, source],
          },
          params: softmaxParams(problem),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(ceilDiv(problem.outer * problem.inner, columns * QUAD), caps),
        },
      ],
    };
  },
});
