import { render } from 'lit';
import type { Mount } from '../frame/view.ts';
import { App } from '../run/app.ts';
import { runView, type RunActions } from '../run/runView.ts';
import { INITIAL_STATE, type State } from '../run/state.ts';

/** The suites on the visitor's GPU. */
export const mount: Mount = (root, page) => {
  let app: App | undefined;
  const actions: RunActions = {
    run: () => void app?.run(),
    stop: () => app?.stop(),
    reopen: () => app?.reopen(),
  };
  const show = (state: State): void => {
    render(runView(state, actions), root);
  };
  show(INITIAL_STATE);
  void page.gpu().then((session) => {
    app = new App(session, show);
  });
  return {};
};
