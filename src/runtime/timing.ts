/** What it takes to measure on a GPU, loaded by the first measurement. */
import type { Capabilities } from './capabilities.ts';
import type { BatchTiming } from './batch.ts';
import type { CommandQueue } from './commandQueue.ts';
import type { Graph } from './graph.ts';
import { TimestampRecorder } from './timestamps.ts';

/** GPU time of one dispatch. */
export interface DispatchProfile {
  readonly label: string;
  /** Undefined where the GPU's clock ran backwards between the two readings. */
  readonly durationNs: number | undefined;
}

/** What it takes to time a graph, which those of every backend have: that of a `Device` is one or the other. */
export type TimeableGraph = Pick<Graph, 'ready' | 'replay'>;

/** How long a graph took. */
export interface GraphTiming {
  /** From the first dispatch's begin to the last one's end on the GPU's clock; undefined without timestamp queries. */
  readonly gpuDurationNs: number | undefined;
  /** On the host's clock, from submission to completion. */
  readonly wallDurationNs: number;
}

/** What measuring needs of a device. */
export interface TimedDevice {
  readonly gpuDevice: GPUDevice;
  readonly capabilities: Capabilities;
  readonly queue: CommandQueue;
  /** Turns the rejection of a wait into the loss that caused it. */
  orLost<T>(wait: Promise<T>): Promise<T>;
}

const timing = ({ gpuDevice }: TimedDevice, passes: BatchTiming['passes']): BatchTiming => ({
  passes,
  record: (passCount) => new TimestampRecorder(gpuDevice, passCount),
});

/** Runs `fn` with every dispatch in a timed pass of its own. */
export async function profileDispatches(device: TimedDevice, fn: () => void): Promise<DispatchProfile[]> {
  const profile: DispatchProfile[] = [];
  for (const batch of device.queue.timed(timing(device, 'perDispatch'), fn)) {
    await batch.checked;
    const durations = batch.timestamps ? await device.orLost(batch.timestamps.readDurationsNs()) : [];
    if (batch.fault) throw batch.fault;
    for (const [index, label] of batch.passLabels.entries())
      profile.push({ label, durationNs: durations[index] });
  }
  return profile;
}

/** Runs a graph that is compiled, on a device that has nothing else to do, `repeats` times in one pass. */
export async function timeGraph(
  device: TimedDevice,
  graph: TimeableGraph,
  repeats: number,
): Promise<GraphTiming> {
  const { queue, gpuDevice, capabilities } = device;
  const start = performance.now();
  const [batch] = queue.timed(capabilities.timestampQuery ? timing(device, 'whole') : undefined, () =>
    graph.replay(repeats),
  );
  await queue.submitted();
  await device.orLost(gpuDevice.queue.onSubmittedWorkDone());
  const wallDurationNs = (performance.now() - start) * 1e6;
  const durations = batch?.timestamps && (await device.orLost(batch.timestamps.readDurationsNs()));
  if (batch?.fault) throw batch.fault;
  return { gpuDurationNs: durations?.[0], wallDurationNs };
}
