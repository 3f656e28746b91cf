import type { Tensor, TensorDevice, TensorSpec } from '../tensor.ts';
import type { Capabilities } from './capabilities.ts';
import type { Plan } from './plan.ts';

/**
 * What operations need of a device that runs plans: a GPU, or one that writes down what a GPU would run.
 *
 * @typeParam P what the device makes of a plan that it is to run any number of times
 */
export interface PlanRunner<P = unknown> extends TensorDevice {
  readonly backend: 'webgpu';
  readonly capabilities: Capabilities;
  /** @param instead prepares a plan of another kernel for the same problem, for when the adapter refuses one of the shaders */
  prepare(plan: Plan, instead?: () => P | undefined): P;
  /** Why the adapter has refused one of a plan's shaders, if it has. */
  refusal(plan: Plan): string | undefined;
  /** Runs a plan into new tensors, which share no buffer with the inputs, nor with the tensors `apart`. */
  run(
    prepared: P,
    inputs: readonly Tensor[],
    outputs: readonly TensorSpec[],
    apart?: readonly Tensor[],
  ): Tensor[];
  /** Runs a plan into tensors that exist. */
  encode(prepared: P, inputs: readonly Tensor[], outputs: readonly Tensor[]): void;
}
