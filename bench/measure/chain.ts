import { embedPasses } from '../../src/kernels/embedPasses.ts';
import { scratch, type Binding, type Pass, type Plan } from '../../src/runtime/plan.ts';

/** Plans of several operations, one after the other, as one. */
export class PlanChain {
  readonly #passes: Pass[] = [];
  readonly #scratchBytes: number[] = [];

  /** Memory that one stage writes and later ones read. */
  between(sizeBytes: number): Binding {
    return scratch(this.#scratchBytes.push(sizeBytes) - 1);
  }

  /** Appends a plan that reads `inputs` and writes to `result`: inputs or the output of the whole, or memory between stages. */
  add(plan: Plan, inputs: readonly Binding[], result: Binding): void {
    this.#passes.push(...embedPasses(plan, inputs, [result], this.#scratchBytes.length));
    this.#scratchBytes.push(...plan.scratchBytes);
  }

  get plan(): Plan {
    return { passes: this.#passes, scratchBytes: this.#scratchBytes };
  }
}
