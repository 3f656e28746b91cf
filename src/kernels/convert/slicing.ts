// How copies of tensors larger than a binding are cut.
import type { ConvertProblem } from '../../reference/convert.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { input, output, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { boundRanges, countable } from '../cut.ts';
import type { Range } from '../define.ts';
import type { BoundRange } from '../sliced.ts';

/** `true`, or that a shader cannot count the elements of the result, or those of x up to the last that it needs. */
export function copyable({ dims, strides, offset }: ConvertProblem, elements: number): true | string {
  const last = dims.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset);
  return countable(Math.max(elements, last + 1));
}

/**
 * The passes of a copy: one for each range of the result and each of those of x that it needs, where one is larger than a binding.
 *
 * @param pass that of so many elements, the first ones of the result
 */
export function copiesOf(
  problem: ConvertProblem,
  elements: number,
  pass: (elements: number) => Pass,
  caps: Capabilities,
): readonly Pass[] {
  const { from, to } = problem;
  const sources = boundRanges(input(0), problem.elements, dtypeSizeBytes(from), caps);
  return boundRanges(output(0), elements, dtypeSizeBytes(to), caps).flatMap((made) =>
    neededOf(problem, made.range, sources).map((source): Pass => {
      const [first, end] = made.range;
      const [firstSource, endOfSources] = source.range;
      const copy = pass(end - first);
      const place = {
        first: u32(first),
        sources: u32(endOfSources - firstSource),
        firstSource: u32(firstSource),
      };
      return {
        ...copy,
        params: { ...copy.params, ...place },
        bindings: [source.binding, made.binding],
      };
    }),
  );
}

/** Where elements of a grid from `first` up to and with `last` have their sources: from `low` up to and with `high`. */
function spanOf(
  [size, ...sizes]: readonly number[],
  [stride, ...strides]: readonly number[],
  [first, last]: readonly [number, number],
): readonly [low: number, high: number] {
  if (size === undefined) return [0, 0];
  const each = sizes.reduce((count, inner) => count * inner, 1);
  const [begin, end] = [Math.floor(first / each), Math.floor(last / each)];
  const inside = begin === end ? ([first % each, last % each] as const) : ([0, each - 1] as const);
  const [low, high] = spanOf(sizes, strides, inside);
  return [begin * stride! + low, end * stride! + high];
}

/** The ranges of x that a range of the result needs: one at least, which stores its zeros too. */
function neededOf(
  { dims, strides, offset }: ConvertProblem,
  [begin, end]: Range,
  sources: readonly BoundRange[],
): readonly BoundRange[] {
  const [low, high] = spanOf(dims, strides, [begin, end - 1]);
  return sources.filter(
    ({ range }, index) =>
      range[0] <= offset + high && (offset + low < range[1] || index === sources.length - 1),
  );
}
