import { awsBatch } from './awsBatch.ts';
import type { FleetEngine } from './engine.ts';
import { kubernetes } from './kubernetes.ts';
import { skypilot } from './skypilot.ts';

export { chooseMachines, type FleetChoice, type FleetMachine } from './machines.ts';
export { BUNDLE, type FleetFile, type FleetJob } from './engine.ts';

/** The engines that can run the benchmark on many machines, by name. */
export const ENGINES: Readonly<Record<string, FleetEngine>> = {
  skypilot,
  kubernetes,
  'aws-batch': awsBatch,
};
