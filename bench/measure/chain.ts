import type { Binding, Pass, Plan } from '../../src/runtime/plan.ts';

/** Where a stage of a chain reads or writes: an input or the output of the whole, or memory between the stages. */
export type Place = Pick<Binding, 'role' | 'index'>;

/** Plans of several operations, one after the other, as one. */
export class PlanChain {
  readonly #passes: Pass[] = [];
  readonly #scratchBytes: number[] = [];

  /** Memory that one stage writes and later ones read. */
  between(sizeBytes: number): Place {
    return { role: 'scratch', index: this.#scratchBytes.push(sizeBytes) - 1 };
  }

  /** Appends a plan that reads `inputs` and writes to `output`. */
  add(plan: Plan, inputs: readonly Place[], output: Place): void {
    const firstScratch = this.#scratchBytes.length;
    this.#scratchBytes.push(...plan.scratchBytes);
    const places = {
      input: (index: number) => inputs[index]!,
      output: () => output,
      scratch: (index: number): Place => ({ role: 'scratch', index: firstScratch + index }),
    };
    for (const pass of plan.passes) {
      const bindings = pass.bindings.map((binding) => ({
        ...binding,
        ...places[binding.role](binding.index),
      }));
      this.#passes.push({ ...pass, bindings });
    }
  }

  get plan(): Plan {
    return { passes: this.#passes, scratchBytes: this.#scratchBytes };
  }
}
