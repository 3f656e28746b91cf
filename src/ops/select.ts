import { ArgumentError, UnsupportedError, told } from '../errors.ts';
import { bindable, type Config, type Kernel, type Operation } from '../kernels/define.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Plan } from '../runtime/plan.ts';
import { noRecord, type Consult, type TuningNote } from '../tuning/records.ts';

/** What a caller may prescribe instead of leaving the choice to the library. */
export interface KernelChoice {
  /** A kernel's name, for instance `matmul/tiled`. */
  readonly kernel?: string | undefined;
  /** Values for its tuning parameters; those left out come from its heuristic. */
  readonly config?: Config | undefined;
}

/** Why the adapter cannot run a plan that is right by what it says of itself: it has refused a shader. */
type Refusal = (plan: Plan) => string | undefined;

/** A kernel chosen for a problem, and why. */
export interface Selection<P> {
  readonly kernel: Kernel<P>;
  readonly config: Config;
  readonly reason: string;
  /** Kernels that were preferred but passed over. */
  readonly passedOver: readonly { readonly kernel: string; readonly why: string }[];
  /** The tuned record that was used, or why it was not; undefined where there is none, and where the caller chose. */
  readonly tuning: TuningNote | undefined;
}

/**
 * Chooses a kernel and its config: 1 what the caller asked for; 2 what a tuned record prefers; 3 the first kernel of the
 * operation's list that supports the problem and is worthwhile, at its heuristic config. The list ends with one that always does.
 *
 * @throws ArgumentError for an unknown kernel or tuning parameter.
 * @throws UnsupportedError when the kernel asked for cannot run the problem, or no kernel can.
 */
export function select<P>(
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  choice: KernelChoice = {},
  consult: Consult = noRecord,
  refusal: Refusal = () => undefined,
): Selection<P> {
  if (choice.kernel !== undefined) return selectAsked(operation, problem, caps, choice.kernel, choice.config);
  if (choice.config !== undefined) {
    throw new ArgumentError('a config is for one kernel: name the kernel too', { config: choice.config });
  }
  const { choice: tuned, note: tuning } = consult(
    operation,
    problem,
    caps,
    (plan) => runnable(plan, operation, problem, caps, refusal) === true,
  );
  if (tuned) return { ...tuned, reason: `tuned: ${tuning.text}`, passedOver: [], tuning };
  const passedOver: { kernel: string; why: string }[] = [];
  for (const kernel of operation.kernels) {
    const supported = kernel.supports(problem, caps);
    const suits = supported === true ? (kernel.worthwhile?.(problem, caps) ?? true) : supported;
    const config = suits === true ? kernel.heuristic(problem, caps) : {};
    const runs =
      suits === true
        ? runnable(kernel.plan(problem, config, caps), operation, problem, caps, refusal)
        : suits;
    if (runs === true) {
      return {
        kernel,
        config,
        reason: 'first in the order of preference that supports the problem',
        passedOver,
        tuning,
      };
    }
    passedOver.push({ kernel: kernel.name, why: runs });
  }
  throw new UnsupportedError(
    `no ${operation.name} kernel runs this problem on this adapter:\n${passedOver
      .map(({ kernel, why }) => `  ${kernel}: ${why}`)
      .join('\n')}`,
    { passedOver },
  );
}

function selectAsked<P>(
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  name: string,
  wanted: Config = {},
): Selection<P> {
  const kernel = operation.kernels.find((candidate) => candidate.name === name);
  if (!kernel) {
    const names = operation.kernels.map((candidate) => candidate.name);
    throw new ArgumentError(`${operation.name} has no kernel ${told(name)}; it has ${names.join(', ')}`, {
      got: name,
      expected: names,
    });
  }
  const supported = kernel.supports(problem, caps);
  if (supported !== true) {
    throw new UnsupportedError(`${name} cannot run this problem: ${supported}`, { kernel: name });
  }
  for (const key of Object.keys(wanted)) {
    if (!Object.hasOwn(kernel.space, key)) {
      const keys = Object.keys(kernel.space);
      throw new ArgumentError(
        `${name} has no tuning parameter ${JSON.stringify(key)}; it has ${keys.join(', ')}`,
        {
          got: key,
          expected: keys,
        },
      );
    }
  }
  const config = { ...kernel.heuristic(problem, caps), ...wanted };
  if (!kernel.legal(config, problem, caps)) {
    throw new UnsupportedError(
      `${name} cannot run with ${JSON.stringify(config)} on this problem and adapter`,
      {
        kernel: name,
        config,
      },
    );
  }
  const runs = bindable(kernel.plan(problem, config, caps), operation, problem, caps);
  if (runs !== true)
    throw new UnsupportedError(`${name} cannot run this problem: ${runs}`, { kernel: name, config });
  return { kernel, config, reason: 'asked for by the caller', passedOver: [], tuning: undefined };
}

/** `true`, or why the adapter cannot run a plan. */
function runnable<P>(
  plan: Plan,
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  refusal: Refusal,
): true | string {
  const binds = bindable(plan, operation, problem, caps);
  return binds === true ? (refusal(plan) ?? true) : binds;
}
