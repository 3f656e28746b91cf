import { optionalInputs, type AttentionProblem, type OptionalInput } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, type Pass } from '../../runtime/plan.ts';
import { elementCount } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { copyWordsParts, copyWordsPass } from '../common/copyWords.ts';
import { attentionContract } from './contract.ts';
import { blockTable } from '../lib.ts';
import { joined, lengths, offsets, sinks, slopes } from './snippets.ts';

/** Inputs of a few words for each head, sequence or block. */
const SMALL = ['slopes', 'sinks', 'lengths', 'offsetsQ', 'offsetsKv', 'blockTable'] as const;
type SmallInput = (typeof SMALL)[number];

export const isSmall = (name: OptionalInput): name is SmallInput =>
  (SMALL as readonly OptionalInput[]).includes(name);

/**
 * The small inputs of a problem as words of one buffer, one behind the other. WebGPU promises a shader 8 storage buffers, and
 * attention with everything would need 11.
 */
export interface JoinedInputs {
  /** Words at which each begins. */
  readonly offsets: Readonly<Partial<Record<SmallInput, number>>>;
  /** Behind the statistics of rows that the backward pass has, or in a buffer of their own, bound at 7. */
  readonly behindStatistics: boolean;
  /** Number of the scratch buffer. */
  readonly scratch: number;
  /** Of all of them. */
  readonly sizeBytes: number;
  /** They copy the inputs, and have to go first. */
  readonly passes: readonly Pass[];
}

interface Place {
  /** Storage buffers that the pass with the most of them binds beside optional inputs. */
  readonly others: number;
  /** Place of the first optional input among the operation's inputs. */
  readonly first: number;
  /** Number of the scratch buffer. */
  readonly scratch: number;
}

/** How to join the small inputs of a problem, or undefined where the adapter can bind each by itself. */
export function joinInputs(
  problem: AttentionProblem,
  caps: Capabilities,
  { others, first, scratch: buffer }: Place,
): JoinedInputs | undefined {
  const names = optionalInputs(problem);
  if (others + names.length <= caps.limits.maxStorageBuffersPerShaderStage) return undefined;
  const specs = attentionContract.inputs(problem).slice(3);
  const begins: Partial<Record<SmallInput, number>> = {};
  const passes: Pass[] = [];
  let words = 0;
  for (const [index, name] of names.entries()) {
    if (!isSmall(name)) continue;
    const count = elementCount(specs[index]!.shape);
    begins[name] = words;
    passes.push(copyWordsPass(input(first + index), scratch(buffer), { count, at: words }, caps));
    words += count;
  }
  return {
    offsets: begins,
    behindStatistics: false,
    scratch: buffer,
    sizeBytes: 4 * words,
    passes,
  };
}

/** The same inputs where they have been copied behind `words` words of statistics. */
export const behindStatistics = (joined: JoinedInputs, words: number): JoinedInputs => ({
  ...joined,
  offsets: Object.fromEntries(Object.entries(joined.offsets).map(([name, at]) => [name, words + at])),
  behindStatistics: true,
});

/** All that shaders with small inputs may use. */
export const smallInputParts: readonly ShaderPart[] = [
  slopes,
  sinks,
  lengths,
  offsets,
  blockTable,
  ...Object.values(joined),
  ...copyWordsParts,
];
