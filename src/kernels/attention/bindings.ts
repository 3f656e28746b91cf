import { optionalInputs, type AttentionProblem, type OptionalInput } from '../../reference/attention.ts';
import { at, input, output, scratchInput, type Binding } from '../../runtime/plan.ts';
import { isSmall, type JoinedInputs } from './smallInputs.ts';

/** Numbers of the optional inputs; params 0, q 1, k 2, v 3, o 4 and logSumExp 5 (or scratch in their place) come before. */
const OPTIONAL_BINDINGS: Readonly<Record<OptionalInput, number>> = {
  mask: 6,
  slopes: 7,
  sinks: 8,
  lengths: 9,
  offsetsQ: 10,
  offsetsKv: 11,
  blockTable: 12,
  scalesK: 13,
  scalesV: 14,
};

interface Used {
  /** Which inputs the pass uses: by default, all that the problem has. */
  readonly used?: (name: OptionalInput) => boolean;
  /** Place of the first optional input among the operation's inputs. */
  readonly first?: number;
  readonly joined?: JoinedInputs | undefined;
}

/** Bindings of those optional inputs that a problem has and a pass uses. */
export function optionalBindings(
  problem: AttentionProblem,
  { used = () => true, first = 3, joined }: Used = {},
): readonly Binding[] {
  const apart = optionalInputs(problem).flatMap((name, index) =>
    used(name) && !(joined && isSmall(name)) ? [at(OPTIONAL_BINDINGS[name], input(first + index))] : [],
  );
  if (!joined || joined.behindStatistics) return apart;
  const before = apart.filter(({ number }) => number! < OPTIONAL_BINDINGS.slopes);
  return [
    ...before,
    at(OPTIONAL_BINDINGS.slopes, scratchInput(joined.scratch)),
    ...apart.slice(before.length),
  ];
}

/** o 4, logSumExp 5. */
export const outputBindings = ({ logSumExp }: AttentionProblem): readonly Binding[] => [
  at(4, output(0)),
  ...(logSumExp ? [at(5, output(1))] : []),
];
