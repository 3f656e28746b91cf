export { describeMachine } from './describeMachine.ts';
export type { Machine, NvidiaGpu, PciGpu } from './describeMachine.ts';
export { detectInstance, instancesLike } from './detectInstance.ts';
export type { DetectedInstance, DetectInstanceOptions } from './detectInstance.ts';
export { realSystem } from './system.ts';
export type { System } from './system.ts';
