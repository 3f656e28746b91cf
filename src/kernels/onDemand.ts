/**
 * Code that only some devices have use for, and that a page therefore does not begin with. Operations do not wait: so who opens a
 * device loads what it needs before handing it out.
 */
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Kernel, Slicing } from './define.ts';

/** What a device may have use for, and which ones do. */
const USEFUL = {
  /** Kernels for tensor cores. */
  matrices: ({ subgroupMatrixConfigs }: Capabilities) => subgroupMatrixConfigs.length > 0,
  /** Tensors that are larger than a binding, and go in slices. */
  slices: ({ limits }: Capabilities) => limits.maxBufferSize > limits.maxStorageBufferBindingSize,
} as const;

type Use = keyof typeof USEFUL;
const USES = Object.keys(USEFUL) as readonly Use[];

/** Code that is there once it has been loaded. */
export interface OnDemand<T> {
  readonly code: T | undefined;
}

const loaders: Readonly<Record<Use, (() => Promise<void>)[]>> = { matrices: [], slices: [] };
/** What devices opened so far have use for. */
const wanted = new Set<Use>();

/** Code for such a use. Where it is imported after a device was opened that has this use for it, it is loaded at once. */
export function onDemand<T>(use: Use, load: () => Promise<T>): OnDemand<T> {
  const entry: { code: T | undefined } = { code: undefined };
  const loadOnce = async (): Promise<void> => {
    entry.code ??= await load();
  };
  loaders[use].push(loadOnce);
  // Until then, and if it cannot be loaded, the device goes on without it, as `explain()` tells.
  if (wanted.has(use)) void loadOnce().catch(() => undefined);
  return entry;
}

/** Loads what a device of these capabilities has use for. Who compares kernels with records of them needs all that there is. */
export async function loadFor(capabilities: Capabilities | 'all'): Promise<void> {
  const uses = USES.filter((use) => capabilities === 'all' || USEFUL[use](capabilities));
  for (const use of uses) wanted.add(use);
  await Promise.all(uses.flatMap((use) => loaders[use]).map((load) => load()));
}

/**
 * A kernel whose code is loaded on demand.
 *
 * @param without why it supports nothing before that
 */
export function kernelOnDemand<P>(
  name: string,
  use: Use,
  load: () => Promise<Kernel<P>>,
  without: string,
): Kernel<P> {
  const kernel = onDemand(use, load);
  const loaded = (): Kernel<P> => {
    if (kernel.code) return kernel.code;
    throw new Error(`${name} has not been loaded`);
  };
  return {
    name,
    get parts() {
      return loaded().parts;
    },
    get space() {
      return kernel.code?.space ?? {};
    },
    supports: (problem, caps) => kernel.code?.supports(problem, caps) ?? without,
    worthwhile: (problem, caps) => loaded().worthwhile?.(problem, caps) ?? true,
    legal: (config, problem, caps) => loaded().legal(config, problem, caps),
    heuristic: (problem, caps) => loaded().heuristic(problem, caps),
    plan: (problem, config, caps) => loaded().plan(problem, config, caps),
  };
}

/** A kernel for problems whose tensors are larger than a binding. */
export const slicesOnDemand = <P>(name: string, load: () => Promise<Kernel<P>>): Kernel<P> =>
  kernelOnDemand(name, 'slices', load, 'no tensor of this device is larger than a binding');

/** How an operation is cut, where that is more than a contract can say in passing; what is not loaded is not cut. */
export function slicingOnDemand<P>(load: () => Promise<Required<Slicing<P>>>): Required<Slicing<P>> {
  const slicing = onDemand('slices', load);
  return {
    sizes: (problem) => slicing.code?.sizes(problem) ?? [],
    slice: (...args) => slicing.code!.slice(...args),
    place: (problem, caps) => slicing.code?.place(problem, caps) ?? { problem, inputs: [], outputs: [] },
  };
}
