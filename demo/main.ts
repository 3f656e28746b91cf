import { render } from 'lit';
import { App } from './app.ts';
import { CloudEstimate } from './estimate/cloudEstimate.ts';
import type { State } from './state.ts';
import { runView, type RunActions } from './views/run.ts';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

const root = element('run');
const app = new App((state) => show(state));
const actions: RunActions = {
  run: () => void app.run(),
  stop: () => app.stop(),
  reopen: () => void app.open(),
};

function show(state: State): void {
  render(runView(state, actions), root);
}

async function start(): Promise<void> {
  show(app.state);
  await app.open();
  // Only now: what is above would push it down.
  CloudEstimate.mount(element('cloud'));
}

void start();
