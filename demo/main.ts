import { Frame } from './frame/frame.ts';
import { VIEWS } from './frame/views.ts';
import type { GpuSession } from './gpu/session.ts';

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found;
}

let gpu: Promise<GpuSession> | undefined;

async function openGpu(): Promise<GpuSession> {
  const { GpuSession } = await import('./gpu/session.ts');
  const session = new GpuSession();
  void session.open();
  return session;
}

new Frame(
  { navigation: element('navigation'), main: element('main') },
  VIEWS,
  () => (gpu ??= openGpu()),
).start();

// A link to the content, but no address of its own: the part of an address after `#` names the view.
element('skip').addEventListener('click', (event) => {
  event.preventDefault();
  element('main').focus();
});
