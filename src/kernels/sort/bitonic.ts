import type { SortProblem } from '../../reference/sort.ts';
import { input } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { networkConstants, networkPart, PAIR_BYTES } from './network.ts';
import { everySortPart, resultBindings, sortParams, sortShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

interface BitonicConfig extends Config {
  /** Rows that a workgroup sorts, a power of two; `ROWS` in the shader. */
  readonly rows: number;
  /** Invocations of a workgroup; `WORKGROUP_SIZE` in the shader. */
  readonly invocations: number;
}

const source = part(sortTexts, 'sort/bitonic');

/** Pairs that keep every invocation of a workgroup busy. */
const PAIRS = 1024;

/** Rows that fit in workgroup memory, in one pass. */
export const bitonic = defineKernel<SortProblem, BitonicConfig>({
  name: 'sort/bitonic',
  parts: [...everySortPart, networkPart, source],
  space: { rows: [1, 2, 4, 8, 16, 32, 64], invocations: [8, 64, 128, 256] },
  supports({ outer, length, inner, count }, { limits }) {
    if (outer * length * inner * count === 0) return 'there is nothing to sort';
    const most = limits.maxComputeWorkgroupStorageSize / PAIR_BYTES;
    return (
      powerOfTwo(length) <= most || `a row does not fit in workgroup memory, which holds ${most} elements`
    );
  },
  legal: ({ rows }, { length }, { limits }) =>
    rows * powerOfTwo(length) * PAIR_BYTES <= limits.maxComputeWorkgroupStorageSize,
  heuristic({ outer, length, inner }, caps) {
    const fitting = Math.max(1, PAIRS / powerOfTwo(length));
    const rows = Math.min(fitting, powerOfTwo(outer * inner), 64);
    // Barriers are what a processor is slow at; within a subgroup there is nobody to wait for.
    return { rows, invocations: caps.software ? 8 : 256 };
  },
  plan(problem, { rows, invocations }, caps) {
    const { outer, length, inner } = problem;
    const shader = sortShader(problem, 'elements');
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'sort/bitonic',
          shader: {
            ...shader,
            constants: {
              ...shader.constants,
              ...networkConstants(rows * powerOfTwo(length), invocations),
              SIZE: powerOfTwo(length),
              ROWS: rows,
            },
            parts: [...shader.parts, networkPart, source],
          },
          params: sortParams(problem),
          bindings: [input(0), ...resultBindings(problem)],
          workgroups: foldWorkgroups(ceilDiv(outer * inner, rows), caps),
        },
      ],
    };
  },
});
