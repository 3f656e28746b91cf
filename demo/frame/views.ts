import type { ViewEntry } from './view.ts';

/** The views in the order of the navigation; the first is where the page begins. Each is loaded when it is first shown. */
export const VIEWS: readonly ViewEntry[] = [
  {
    id: 'run',
    title: 'Run',
    heading: 'Run the kernels on your GPU',
    lead: 'Matrix products, attention and reductions, timed on this device and checked against the CPU path.',
    load: () => import('../views/run.ts'),
  },
  {
    id: 'kernels',
    title: 'Kernels',
    heading: 'Look into a kernel',
    lead: 'Which kernel is chosen for a problem and why, its WGSL with the constants filled in, and what its tile sizes do to its time.',
    load: () => import('../views/kernels.ts'),
  },
  {
    id: 'understand',
    title: 'Understand',
    heading: 'The algorithms at work',
    lead: 'Step through a matrix product, attention and a reduction: who owns which tile, in which order it is read, and what it saves.',
    load: () => import('../views/understand.ts'),
  },
  {
    id: 'model',
    title: 'Model',
    heading: 'A language model, token by token',
    lead: 'A small transformer that writes with these kernels alone, and loads a GPT-2 or Llama-type model of your own.',
    load: () => import('../views/model.ts'),
  },
  {
    id: 'estimate',
    title: 'Estimate',
    heading: 'What it yields in the cloud, and where it is cheapest',
    lead: 'Instance types by work per dollar. These are estimates from data sheets and published measurements.',
    load: () => import('../views/estimate.ts'),
  },
];
