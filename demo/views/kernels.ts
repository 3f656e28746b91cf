import { html, render } from 'lit';
import type { Mount } from '../frame/view.ts';
import { Lab } from '../kernels/lab.ts';
import { labView, type LabActions } from '../kernels/labView.ts';
import { firstChoice, formatChosen, parseChosen, problemOf, type Chosen } from '../kernels/problem.ts';
import './kernels.css';

/** The kernel chosen for a problem, why, its text, and what its parameters do to its time. */
export const mount: Mount = (root, page) => {
  let lab: Lab | undefined;
  /** What the address asks for, until the GPU is known. */
  let asked = new URLSearchParams();

  render(html`<p class="card" aria-busy="true">Looking for a GPU…</p>`, root);

  const isSoftware = (): boolean => {
    const { gpu } = lab!.state;
    return gpu.kind !== 'open' || gpu.device.capabilities.software;
  };
  const choose = (chosen: Chosen): void => {
    page.keep(formatChosen(chosen));
    void lab!.choose(chosen);
  };
  const tune = async (): Promise<void> => {
    // What was chosen by hand makes room for what the record prefers.
    if (await lab!.tune()) choose({ ...lab!.state.chosen, kernel: '', config: {} });
  };
  const actions: LabActions = {
    choose: (change) => {
      const { chosen, inspection } = lab!.state;
      // A parameter is set beside what the others are now.
      const { kernel, config } = inspection?.explanation ?? chosen;
      const set = change.config && Object.keys(change.config).length > 0;
      choose({ ...chosen, ...change, ...(set && { kernel, config: { ...config, ...change.config } }) });
    },
    chooseProblem: (id) => choose(firstChoice(problemOf(id), isSoftware())),
    run: (sweep) => void lab!.run(sweep),
    stop: () => lab!.stop(),
    tune: () => void tune(),
    stopTuning: () => lab!.stopTuning(),
    reopen: () => lab!.reopen(),
  };

  void page.gpu().then((session) => {
    let known = false;
    lab = new Lab(session, (state) => {
      if (!known && state.gpu.kind !== 'opening') {
        known = true;
        const chosen = parseChosen(asked, isSoftware());
        if (chosen) queueMicrotask(() => void lab!.choose(chosen));
      }
      if (state.gpu.kind !== 'opening' || state.inspection)
        render(labView(state, lab!.capabilities.f16, actions), root);
    });
    lab.start();
  });

  return {
    enter: (state) => {
      asked = state;
      if (!lab || lab.state.gpu.kind === 'opening') return;
      const chosen = parseChosen(state, isSoftware());
      if (chosen) void lab.choose(chosen);
    },
  };
};
