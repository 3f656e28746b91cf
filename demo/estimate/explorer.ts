import type { Page } from '../frame/view.ts';
import { messageOf } from '../text.ts';
import type { Budget } from './budget.ts';
import { formatChoice, parseChoice, type Choice } from './choice.ts';
import { CLOUD_WORKLOADS } from './cloudWorkloads.ts';
import type { Exploration } from './explore.ts';
import { measureOwn, type OwnRate } from './ownGpu.ts';

export interface EstimateState {
  readonly choice: Choice;
  /** Undefined until the catalogue has been loaded. */
  readonly exploration: Exploration | undefined;
  readonly budget: Budget | undefined;
  readonly own: OwnRate;
  readonly fault: string | undefined;
  readonly budgetFault: string | undefined;
}

/** What is compared and planned, and what came of it. */
export class Explorer {
  readonly #page: Page;
  readonly #onChange: (state: EstimateState) => void;
  #state: EstimateState = {
    choice: parseChoice(new URLSearchParams()),
    exploration: undefined,
    budget: undefined,
    own: { kind: 'unknown' },
    fault: undefined,
    budgetFault: undefined,
  };

  constructor(page: Page, onChange: (state: EstimateState) => void) {
    this.#page = page;
    this.#onChange = onChange;
    onChange(this.#state);
  }

  /** Takes up what an address asks for. */
  enter(state: URLSearchParams): void {
    void this.#load(parseChoice(state));
  }

  choose(change: Partial<Choice>): void {
    const choice = { ...this.#state.choice, ...change };
    this.#page.keep(formatChoice(choice));
    void this.#load(choice);
  }

  /** Measures the workload on the visitor's own GPU. */
  async placeOwn(): Promise<void> {
    const { workload } = this.#state.choice;
    this.#update({ own: { kind: 'measuring' } });
    const own = await measureOwn(
      await this.#page.gpu(),
      CLOUD_WORKLOADS.find(({ id }) => id === workload)!,
    );
    if (workload === this.#state.choice.workload) this.#update({ own });
  }

  async #load(choice: Choice): Promise<void> {
    const { workload } = this.#state.choice;
    this.#update({ choice, ...(workload !== choice.workload && { own: { kind: 'unknown' } as const }) });
    const today = new Date().toISOString().slice(0, 10);
    try {
      const [{ explore }, { planFor }] = await Promise.all([import('./explore.ts'), import('./budget.ts')]);
      // Choices made meanwhile have their own answer under way.
      if (choice !== this.#state.choice) return;
      this.#update({ exploration: explore(choice, today), fault: undefined });
      try {
        this.#update({ budget: planFor(choice, today), budgetFault: undefined });
      } catch (error) {
        this.#update({ budgetFault: messageOf(error) });
      }
    } catch (error) {
      this.#update({ fault: messageOf(error) });
    }
  }

  #update(change: Partial<EstimateState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}
