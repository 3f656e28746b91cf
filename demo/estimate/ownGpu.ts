import type { Gpu, GpuSession } from '../gpu/session.ts';
import { Reference } from '../reference/client.ts';
import { runWorkload } from '../run/runWorkload.ts';
import { messageOf } from '../text.ts';
import type { Workload } from '../workloads/workload.ts';
import { UNITS, type CloudWorkload } from './cloudWorkloads.ts';

/** What is known of the visitor's own GPU at a workload. */
export type OwnRate =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'measuring' }
  | { readonly kind: 'measured'; readonly rate: number; readonly words: string }
  | { readonly kind: 'impossible'; readonly why: string };

/** Measures a workload on the visitor's GPU, in the unit of its estimate. Never rejects. */
export async function measureOwn(session: GpuSession, workload: CloudWorkload): Promise<OwnRate> {
  if (workload.kind === 'model') {
    return impossible('A model of this size does not fit into a page; choose an operation to be measured.');
  }
  if (session.gpu.kind === 'lost') await session.open();
  const gpu = await settled(session);
  if (gpu.kind !== 'open') return impossible('There is no WebGPU here that could be measured.');
  const { device, timer } = gpu;
  if (device.capabilities.software) {
    return impossible('This adapter is a processor: its time would say nothing of a GPU.');
  }
  const dtype = device.capabilities.f16 ? workload.local.dtype : 'f32';
  const local: Workload = { ...workload.local, dtype };
  const reference = new Reference();
  try {
    const { explanation, comparison, timing } = await runWorkload(
      device,
      local,
      reference,
      timer,
      new AbortController().signal,
    );
    if (!timing) return impossible(`The result was wrong: ${comparison.fault}.`);
    const work = workload.rate === 'tflops' ? explanation.flops / 1e12 : explanation.bytes / 1e9;
    const rate = (work / timing.medianNs) * 1e9;
    const note = dtype === workload.local.dtype ? '' : ', in f32, because it has no f16';
    return {
      kind: 'measured',
      rate,
      words: `${rate.toPrecision(3)} ${UNITS[workload.rate].name}, measured here with ${explanation.kernel}${note}`,
    };
  } catch (error) {
    return impossible(messageOf(error));
  } finally {
    reference.dispose();
  }
}

const impossible = (why: string): OwnRate => ({ kind: 'impossible', why });

/** The GPU once it has been looked for. */
function settled(session: GpuSession): Promise<Gpu> {
  return new Promise((resolve) => {
    const end = session.subscribe((gpu) => {
      if (gpu.kind === 'opening') return;
      resolve(gpu);
      queueMicrotask(() => end());
    });
  });
}
