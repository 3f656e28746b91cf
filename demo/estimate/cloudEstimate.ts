import { render } from 'lit';
import { estimateView, type EstimateChoice, type EstimateState } from './estimateView.ts';
import { messageOf } from '../text.ts';
import { CLOUD_WORKLOADS } from './cloudWorkloads.ts';

/** How many instance types the table shows. */
const SHOWN = 12;

/** The part of the page that says what instance types yield for their price. Its data is loaded when it is shown. */
export class CloudEstimate {
  readonly #root: HTMLElement;
  #state: EstimateState = {
    choice: { workload: CLOUD_WORKLOADS[0]!, pricing: 'on-demand', provider: '', beyondWebgpu: false },
    providers: [],
    result: undefined,
    fault: undefined,
  };

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#render();
    void this.#load();
  }

  async #load(): Promise<void> {
    const { choice } = this.#state;
    try {
      const { BASIS_WORDS, estimate, findAccelerator, instances } = await import('tilewise/estimate');
      const { rows, notices } = estimate({
        workloads: [choice.workload.operation],
        pricing: choice.pricing,
        today: new Date().toISOString().slice(0, 10),
        instances: instances.filter(
          ({ provider, acceleratorId }) =>
            (choice.provider === '' || choice.provider === provider) &&
            (choice.beyondWebgpu || findAccelerator(acceleratorId)?.webgpu !== 'no'),
        ),
      });
      // Choices made meanwhile have their own answer under way.
      if (choice !== this.#state.choice) return;
      const fitting = rows.filter(
        (row) => row.pricing === choice.pricing && row.operationsPerSecond !== null,
      );
      this.#update({
        providers: [...new Set(instances.map(({ provider }) => provider))].sort(),
        result: { rows: fitting.slice(0, SHOWN), found: fitting.length, notices, basisWords: BASIS_WORDS },
        fault: undefined,
      });
    } catch (error) {
      this.#update({ fault: messageOf(error) });
    }
  }

  #choose(change: Partial<EstimateChoice>): void {
    this.#update({ choice: { ...this.#state.choice, ...change } });
    void this.#load();
  }

  #update(change: Partial<EstimateState>): void {
    this.#state = { ...this.#state, ...change };
    this.#render();
  }

  #render(): void {
    render(
      estimateView(this.#state, SHOWN, (change) => this.#choose(change)),
      this.#root,
    );
  }
}
