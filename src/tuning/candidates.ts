import { bindable, type Config, type MeasuredOperation, type Space } from '../kernels/define.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Candidate } from './records.ts';

/** The points of a kernel's space that can run a problem. */
export interface KernelSpace {
  readonly kernel: string;
  readonly space: Space<Config>;
  /** Those that are legal. The first is the heuristic's where that is: it need not be a point of the space. */
  readonly configs: readonly Config[];
}

/** Traffic beyond which a kernel that is only there to be always legal is not tried: some take the square of the elements. */
const MOST_BYTES_FOR_THE_LAST = 2 ** 20;

/**
 * All that may run a problem: every kernel that supports it, whether its author thought that worthwhile or not, at each legal
 * point of its space; the last of the list, where others are, for small problems alone. They are in the operation's order.
 *
 * @param untuned the kernel that would run without a record, which is always among them
 */
export function candidateSpaces<P>(
  operation: MeasuredOperation<P>,
  problem: P,
  caps: Capabilities,
  untuned: string,
): readonly KernelSpace[] {
  const small = operation.bytes(problem) <= MOST_BYTES_FOR_THE_LAST;
  const last = operation.kernels.at(-1)!;
  return operation.kernels
    .filter((kernel) => kernel !== last || small || kernel.name === untuned)
    .filter((kernel) => kernel.supports(problem, caps) === true)
    .map((kernel) => {
      const start = kernel.heuristic(problem, caps);
      const runs = (config: Config): boolean =>
        kernel.legal(config, problem, caps) &&
        bindable(kernel.plan(problem, config, caps), operation, problem, caps) === true;
      const others = points(kernel.space).filter(
        (config) => configKey(config) !== configKey(start) && runs(config),
      );
      return {
        kernel: kernel.name,
        space: kernel.space,
        configs: runs(start) ? [start, ...others] : others,
      };
    })
    .filter(({ configs }) => configs.length > 0);
}

/** Every combination of the values of a space: one, without parameters, where there are none. */
function points(space: Space<Config>): Config[] {
  return Object.entries(space).reduce<Config[]>(
    (configs, [name, values]) =>
      configs.flatMap((config) => values.map((value) => ({ ...config, [name]: value }))),
    [{}],
  );
}

/** Equal for equal values, in whatever order they come. */
function configKey(config: Config): string {
  return JSON.stringify(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Equal for equal candidates. */
export function candidateKey({ kernel, config }: Candidate): string {
  return `${kernel} ${configKey(config)}`;
}
