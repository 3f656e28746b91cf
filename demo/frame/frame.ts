import { html, render } from 'lit';
import { messageOf } from '../text.ts';
import { formatRoute, parseRoute } from './route.ts';
import type { Page, View, ViewEntry } from './view.ts';

/** Where the frame draws: elements of index.html. */
export interface Places {
  readonly navigation: HTMLElement;
  readonly main: HTMLElement;
}

/** A view's part of the page, made when it is first shown and hidden while another is. */
interface Section {
  readonly element: HTMLElement;
  view: View | undefined;
}

/** The page around the views: navigation, addresses, titles, focus. */
export class Frame {
  readonly #places: Places;
  readonly #views: readonly ViewEntry[];
  readonly #gpu: Page['gpu'];
  readonly #sections = new Map<string, Section>();
  #current: ViewEntry;

  constructor(places: Places, views: readonly ViewEntry[], gpu: Page['gpu']) {
    this.#places = places;
    this.#views = views;
    this.#gpu = gpu;
    this.#current = views[0]!;
  }

  start(): void {
    globalThis.addEventListener('hashchange', () => void this.#show(true));
    void this.#show(false);
  }

  /** Shows what the address names. Who came by a link finds the focus on the heading, as after loading a page. */
  async #show(moveFocus: boolean): Promise<void> {
    const { view: id, state } = parseRoute(location.hash);
    const entry = this.#views.find((candidate) => candidate.id === id) ?? this.#views[0]!;
    const before = this.#current;
    this.#current = entry;
    if (before !== entry) this.#sections.get(before.id)?.view?.leave?.();
    document.title = `${entry.title} – Tilewise`;
    this.#renderNavigation();
    const section = this.#sectionOf(entry);
    for (const { element } of this.#sections.values()) element.hidden = element !== section.element;
    if (before !== entry && moveFocus) {
      section.element.querySelector('h2')?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
    await this.#load(entry, section);
    if (this.#current === entry) section.view?.enter?.(state);
  }

  #sectionOf(entry: ViewEntry): Section {
    const existing = this.#sections.get(entry.id);
    if (existing) return existing;
    const element = document.createElement('section');
    element.id = `view-${entry.id}`;
    element.setAttribute('aria-labelledby', `title-${entry.id}`);
    render(
      html`<h2 id="title-${entry.id}" tabindex="-1">${entry.heading}</h2>
        <p class="lead">${entry.lead}</p>
        <div class="view"></div>`,
      element,
    );
    this.#places.main.append(element);
    const section = { element, view: undefined };
    this.#sections.set(entry.id, section);
    return section;
  }

  async #load(entry: ViewEntry, section: Section): Promise<void> {
    if (section.view) return;
    const root = section.element.querySelector<HTMLElement>('.view')!;
    try {
      const { mount } = await entry.load();
      section.view ??= mount(root, this.#pageOf(entry));
    } catch (error) {
      render(
        html`<p class="notice" role="alert">This view could not be loaded: ${messageOf(error)}</p>`,
        root,
      );
    }
  }

  #pageOf(entry: ViewEntry): Page {
    return {
      gpu: this.#gpu,
      keep: (state) => {
        if (this.#current !== entry) return;
        history.replaceState(null, '', formatRoute(entry.id, state));
      },
    };
  }

  #renderNavigation(): void {
    const link = ({ id, title }: ViewEntry): unknown =>
      html`<li>
        <a href=${formatRoute(id, {})} aria-current=${id === this.#current.id ? 'page' : 'false'}>${title}</a>
      </li>`;
    render(
      html`<ul>
        ${this.#views.map(link)}
      </ul>`,
      this.#places.navigation,
    );
  }
}
