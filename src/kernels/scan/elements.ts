import type { ScanProblem } from '../../reference/scan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { quad, quadStore, workgroupIndex } from '../lib.ts';
import { lines } from './snippets.ts';
import { everyOperatorPart, operatorShader } from './operator.ts';
import { paramsPart } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

const source = part(scanTexts, 'scan/elements');

/** Elements that an invocation loads at once. */
const QUAD = 4;

/** Quads that an invocation has in flight, as in the shaders. */
const UNROLL = 4;

/** Elements that `lanes` invocations take in at a time. */
export const tileOf = (lanes: number): number => lanes * QUAD * UNROLL;

/** Segments may start anywhere. */
const access = ({ length, inner, segments }: ScanProblem): 'aligned' | 'scalar' =>
  inner === 1 && length % QUAD === 0 && segments === undefined ? 'aligned' : 'scalar';

/** The part that says where rows are. */
export const linesPart = ({ segments }: ScanProblem): ShaderPart =>
  segments === undefined ? lines.rows : lines.segments;

/** What the kernels that take elements four at a time have in common. */
export function elementsShader(problem: ScanProblem): Required<ShaderSource> {
  const operator = operatorShader(problem);
  return {
    ...operator,
    parts: [...operator.parts, paramsPart, workgroupIndex, linesPart(problem), quad[access(problem)], source],
  };
}

/** The part that stores what `elementsShader` loads. */
export const storePart = (problem: ScanProblem): ShaderPart => quadStore[access(problem)];

/** All parts that the two may use, for kernels' `parts`. */
export const everyElementsPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  source,
  ...Object.values(lines),
  ...Object.values(quad),
  ...Object.values(quadStore),
  ...everyOperatorPart,
];
