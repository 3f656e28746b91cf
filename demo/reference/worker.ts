// The CPU path in a thread of its own, so that the page stays alive while it computes.
import { explain, openDevice } from 'tilewise';
import { familyOf } from '../workloads/families.ts';
import type { Workload } from '../workloads/workload.ts';
import { checkResult } from './check.ts';
import { drawOperands } from './draw.ts';
import type { CpuRun, RequestMessage, RequestName, Requests, ResponseMessage } from './protocol.ts';

const handlers: {
  readonly [Name in RequestName]: (give: Requests[Name]['give']) => Promise<Requests[Name]['get']>;
} = {
  draw: ({ workload }) => drawOperands(workload),
  check: ({ workload, operands, output }) => checkResult(workload, operands, output),
  run: ({ workload }) => runOnCpu(workload),
};

async function runOnCpu(workload: Workload): Promise<CpuRun> {
  const cpu = await openDevice({ backend: 'cpu' });
  const family = familyOf(workload);
  const data = await drawOperands(workload);
  const operands = family.operands(workload);
  const tensors = data.map((values, index) => cpu.tensor(values, operands[index]!.shape, workload.dtype));
  const explanation = explain(() => family.run(workload, tensors));
  const start = performance.now();
  await family.run(workload, tensors).read();
  return { explanation, durationNs: (performance.now() - start) * 1e6 };
}

function handle<Name extends RequestName>({
  name,
  give,
}: RequestMessage<Name>): Promise<Requests[Name]['get']> {
  return handlers[name](give);
}

function respond(message: ResponseMessage, transfer: Transferable[] = []): void {
  globalThis.postMessage(message, { transfer });
}

async function answer(message: RequestMessage): Promise<void> {
  const { id } = message;
  try {
    const get = await handle(message);
    respond({ id, get }, Array.isArray(get) ? get.map((values) => values.buffer) : []);
  } catch (error) {
    respond({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

globalThis.addEventListener('message', ({ data }: MessageEvent<RequestMessage>) => void answer(data));
