/** Where the visitor is: a view, and the view's own state. */
export interface Route {
  readonly view: string;
  readonly state: URLSearchParams;
}

/** Reads `#/view?name=value`; an address without a view gives an empty one. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { view: path, state: new URLSearchParams(query) };
}

export function formatRoute(view: string, state: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(state).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}
