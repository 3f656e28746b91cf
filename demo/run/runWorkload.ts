import { explain, type Explanation, type GpuDevice, type KernelChoice } from 'tilewise';
import type { Timer } from '../gpu/timer.ts';
import { inspect } from '../kernels/inspect.ts';
import { timeGraph, type Timing } from '../measure/timing.ts';
import type { Comparison } from '../reference/check.ts';
import type { Reference } from '../reference/client.ts';
import type { Work } from './bindingCeiling.ts';
import { familyOf } from '../workloads/families.ts';
import type { Workload } from '../workloads/workload.ts';

/** What came of a workload on a GPU. There is no time for a wrong result. */
export interface Outcome {
  readonly explanation: Explanation;
  readonly comparison: Comparison;
  readonly timing?: Timing;
  /** What bounds its time. */
  readonly work: Work;
}

/**
 * Runs a workload on a GPU, checks the result against the CPU path, and times it only if it is right.
 *
 * @param choice the kernel, where it is not left to the library
 *
 * @throws the library's errors, DeviceLostError among them, and whatever aborted `signal`
 */
export async function runWorkload(
  device: GpuDevice,
  workload: Workload,
  reference: Pick<Reference, 'draw' | 'check'>,
  timer: Timer,
  signal: AbortSignal,
  choice?: KernelChoice,
): Promise<Outcome> {
  const family = familyOf(workload);
  const operands = await reference.draw(workload);
  signal.throwIfAborted();
  // Not `using`: some browsers have no Symbol.dispose yet.
  const tensors = family
    .operands(workload)
    .map(({ shape }, index) => device.tensor(operands[index]!, shape, workload.dtype));
  const resources: { dispose(): void }[] = [...tensors];
  try {
    const explanation = explain(() => family.run(workload, tensors, choice));
    const graph = device.capture(() => family.run(workload, tensors, choice));
    resources.push(graph, graph.result);
    graph.replay();
    const comparison = await reference.check(workload, operands, await graph.result.read());
    // What a tuned record or the caller has chosen on this device, and nothing else.
    const { kernel, config } = explanation;
    const { plan } = await inspect(device.capabilities, workload, { kernel, config });
    const work: Work = {
      flops: explanation.flops,
      bytes: explanation.bytes,
      writtenBytes: plan.buffers[plan.results[0]!.buffer]!.sizeBytes,
      arithmetic: plan.features.includes('chromium-experimental-subgroup-matrix') ? 'matrix' : 'f32',
    };
    if (!comparison.passed) return { explanation, comparison, work };
    signal.throwIfAborted();
    return { explanation, comparison, work, timing: await timeGraph(device, graph, timer, signal) };
  } finally {
    for (const resource of resources) resource.dispose();
  }
}
