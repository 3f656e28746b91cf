import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, output, scratch, scratchInput, type Pass, type Plan } from '../../runtime/plan.ts';
import { elementCount } from '../../tensor.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { optionalBindings } from '../attention/bindings.ts';
import { attentionContract } from '../attention/contract.ts';
import { attentionParams } from '../attention/params.ts';
import { featureShader } from '../attention/score.ts';
import { behindStatistics, joinInputs, type JoinedInputs } from '../attention/smallInputs.ts';
import { copyWordsPass } from '../common/copyWords.ts';
import { foldWorkgroups } from '../define.ts';
import { firstOptional } from './contract.ts';
import { forwardStatisticsPass } from './forwardStatistics.ts';
import { statistics } from './snippets.ts';

/** q, k, v, dO, statistics of rows, dK and dV. */
const BINDINGS = 7;

/** The small inputs of a problem in scratch 1, where the adapter cannot bind all. */
export const smallInputs = (problem: BackwardProblem, caps: Capabilities): JoinedInputs | undefined =>
  joinInputs(problem, caps, { others: BINDINGS, first: firstOptional(problem), scratch: 1 });

/** Words of the statistics of rows: two of each. */
export function statisticWords(problem: BackwardProblem): number {
  const [, logSumExp] = attentionContract.outputs({ ...problem, logSumExp: true });
  return 2 * elementCount(logSumExp!.shape);
}

export interface GradientPass {
  readonly label: string;
  readonly reads: 'scalar' | 'quads' | 'matrices';
  /** In place of those of the features. */
  readonly extensions?: ShaderSource['extensions'];
  readonly constants?: NonNullable<ShaderSource['constants']>;
  readonly parts: readonly ShaderPart[];
  /** Numbers of the operation's results, bound from 15 on; none for the pass that makes the statistics of rows. */
  readonly makes: readonly number[];
  readonly workgroups: number;
}

/** Elements that a pass reads at once. */
const WIDTHS = { scalar: 1, quads: 4, matrices: 8 } as const;

/** A pass: q 1, k 2, v 3, dO 4, statistics of rows 5, and the optional inputs as in attention. */
export function gradientPass(
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
  { label, reads, extensions, constants, parts, makes, workgroups }: GradientPass,
): Pass {
  const first = makes.length === 0;
  const adds = problem.part?.sums === 'more';
  // A sink has its share once.
  const ends = first && !adds;
  const features = featureShader(problem, { reads, ends, joined });
  return {
    label,
    shader: {
      ...features,
      extensions: extensions ?? features.extensions,
      constants: { ...features.constants, ...(!first && { GOES_ON: adds }), ...constants },
      parts: [...features.parts, statistics[ends ? 'write' : first ? 'merge' : 'read'], ...parts],
    },
    params: attentionParams(problem, { width: WIDTHS[reads], joined }),
    bindings: [
      input(0),
      input(1),
      input(2),
      input(3),
      at(5, first ? scratch(0) : scratchInput(0)),
      ...optionalBindings(problem, {
        used: (name) => ends || name !== 'sinks',
        first: firstOptional(problem),
        joined,
      }),
      ...makes.map((result, index) => at(15 + index, output(result))),
    ],
    workgroups: foldWorkgroups(Math.max(1, workgroups), caps),
  };
}

type MakePass = (problem: BackwardProblem, caps: Capabilities, joined: JoinedInputs | undefined) => Pass;

/** How a kernel makes the statistics of rows, the gradient of q, and those of k and v. */
export type GradientPasses = Readonly<Record<'statistics' | 'queries' | 'keys', MakePass>>;

/** All passes that make some of the results, or the statistics of rows: one, or one for each part of a problem. */
type Spread = (make: (part: BackwardProblem) => readonly Pass[], makes: readonly number[]) => readonly Pass[];

/**
 * A plan of such passes: first that which makes the statistics, in scratch 0, unless the forward pass's results are given. Where the adapter cannot bind all small inputs, that
 * pass has them in scratch 1, and the others, which bind more, behind the statistics. It cannot have them there too: what a pass
 * writes to is not the same for all of a workgroup, and lengths have to be.
 */
export function gradientPlan(
  problem: BackwardProblem,
  caps: Capabilities,
  { statistics: makeStatistics, queries, keys }: GradientPasses,
  spread: Spread = (make) => make(problem),
): Plan {
  const words = statisticWords(problem);
  const joined = smallInputs(problem, caps);
  const behind = joined && behindStatistics(joined, words);
  const forward = { gradient: input(3), o: input(4), logSumExp: input(5) };
  const passes = [
    ...spread((part) => {
      if (!problem.forward) return [makeStatistics(part, caps, joined)];
      // These are of all keys.
      return part.part?.sums === 'more' ? [] : [forwardStatisticsPass(part, caps, forward)];
    }, []),
    ...spread((part) => [queries(part, caps, behind)], [0]),
    ...spread((part) => [keys(part, caps, behind)], [1, 2]),
  ];
  if (!joined) return { scratchBytes: [4 * words], passes };
  const copy = copyWordsPass(
    scratchInput(joined.scratch),
    scratch(0),
    { count: joined.sizeBytes / 4, at: words },
    caps,
  );
  return {
    scratchBytes: [4 * words + joined.sizeBytes, joined.sizeBytes],
    passes: [...joined.passes, copy, ...passes],
  };
}
