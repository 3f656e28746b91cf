import * as whole from '../../src/node.ts';

/** Names that calls have asked the library for. */
export const asked = new Set<string>();

/** The library, which keeps in mind what it is asked for. */
export const library = new Proxy(whole, {
  get(target, name) {
    if (typeof name === 'string') asked.add(name);
    return Reflect.get(target, name) as unknown;
  },
});
