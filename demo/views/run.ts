import { render } from 'lit';
import { Chart } from '../chart/chart.ts';
import type { Mount } from '../frame/view.ts';
import { App } from '../run/app.ts';
import { roofline } from '../run/roofline.ts';
import { runView, type RunActions } from '../run/runView.ts';
import { INITIAL_STATE, type State } from '../run/state.ts';

/** The suites on the visitor's GPU. */
export const mount: Mount = (root, page) => {
  let app: App | undefined;
  let chart: Chart | undefined;
  const actions: RunActions = {
    run: () => void app?.run(),
    stop: () => app?.stop(),
    reopen: () => app?.reopen(),
    chart: (element) => {
      if (element) chart = new Chart(element as HTMLElement, 'Roofline of the rows above');
    },
  };
  const show = (state: State): void => {
    render(runView(state, actions), root);
    if (state.phase !== 'idle') chart?.show(roofline(state));
  };
  show(INITIAL_STATE);
  void page.gpu().then((session) => {
    app = new App(session, show);
  });
  return {};
};
