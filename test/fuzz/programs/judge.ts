import { randomElements } from '../../../bench/measure/inputs.ts';
import {
  ArgumentError,
  TilewiseError,
  type GpuDevice,
  type Graph,
  type Tensor,
  type TensorArray,
} from '../../../src/node.ts';
import { told } from '../../../src/errors.ts';
import { decodeElements } from '../../../src/tensor.ts';
import { differenceOf, judgeErrors, ObservedCpu, wrong, type Content, type Verdict } from '../perform.ts';
import { Machine } from './machine.ts';
import type { Program, Step } from './steps.ts';

/** What became of programs. */
export interface Tally {
  /** Results of calls that were compared with the CPU path's. */
  compared: number;
}

/** What the tensors of a program held after each of its steps, by slot. */
type History = readonly ReadonlyMap<number, Content>[];

async function contentOf(tensor: Tensor): Promise<Content> {
  const { dtype, shape } = tensor;
  return { dtype, shape, values: await tensor.read() };
}

/** Runs the steps one after the other, and reads everything that is there after each. */
async function looked(machine: Machine, steps: readonly Step[]): Promise<History> {
  const reads: Promise<Map<number, Content>>[] = [];
  for (const step of steps) {
    machine.perform(step);
    const live = [...machine.tensors.keys()].filter((slot) => machine.live(slot));
    reads.push(
      Promise.all(live.map(async (slot) => [slot, await contentOf(machine.tensors[slot]!)] as const)).then(
        (entries) => new Map(entries),
      ),
    );
  }
  return Promise.all(reads);
}

/** Numbers as they were read, into a tensor: those of 16 bits are exact. */
const restore = (tensor: Tensor, { values }: Content): void => tensor.write(values);

/**
 * Checks each step by itself on the CPU path, from the operands that the GPU had: so the errors of the steps before it do not count.
 */
async function checkSteps(
  steps: readonly Step[],
  history: History,
  refusals: readonly unknown[],
  tally: Tally,
): Promise<string | undefined> {
  const cpu = new ObservedCpu();
  using machine = new Machine(cpu.device);
  for (const [index, step] of steps.entries()) {
    const before = cpu.computed.length;
    const where = `step ${index} (${step.kind === 'call' ? step.op : step.kind})`;
    let changed = machine.perform(step);
    const outcome = (error: unknown): object => (error === undefined ? { results: [] } : { threw: error });
    const refusal = refusals[index];
    if (refusal !== undefined || machine.refusals[index] !== undefined) {
      const verdict = judgeErrors(outcome(machine.refusals[index]) as never, outcome(refusal) as never);
      if (verdict.kind === 'wrong') return `${where}: ${verdict.why}`;
      if (verdict.kind === 'unsupported') {
        // What is beyond the adapter the CPU path has made all the same.
        machine.forget(step);
        changed = [];
      }
    }
    const computed =
      step.kind === 'call' && changed.length > 0 ? cpu.computed.slice(before).slice(-changed.length) : [];
    const now = history[index]!;
    for (const [part, tensor] of changed.entries()) {
      const slot = machine.tensors.indexOf(tensor);
      const got = now.get(slot);
      // Of attention among numbers without bounds nothing is promised.
      if (!got || !checkable(step, machine, history[index - 1])) continue;
      if (step.kind === 'call') tally.compared++;
      const exact: Content = { dtype: tensor.dtype, shape: tensor.shape, values: await tensor.read() };
      const difference =
        computed.length > 0
          ? differenceOf(got, exact, computed[part])
          : sameContent(got, exact)
            ? undefined
            : 'other content';
      if (difference !== undefined) return `${where}, result ${part}: ${difference}`;
    }
    for (const slot of machine.whole) {
      const content = now.get(slot);
      if (content) restore(machine.tensors[slot]!, content);
    }
    for (const [slot, content] of now) {
      const tensor = machine.live(slot);
      if (!tensor) return `${where}: tensor ${slot} is on the GPU only`;
      if (!sameContent(content, await contentOf(tensor)))
        return `${where}: tensor ${slot} sees something else`;
    }
  }
  return undefined;
}

const textOf = (error: unknown): string => (error instanceof Error && error.stack) || told(error);

/** Finite operands for which squares and products do not overflow f32, where operations are held to their bounds. */
const LARGEST = 1000;

function checkable(step: Step, machine: Machine, before: ReadonlyMap<number, Content> | undefined): boolean {
  if (step.kind !== 'call') return true;
  const bounded = /attention|Backward|prod/.test(step.op);
  if (!bounded && !/norm|variance/i.test(step.op)) return true;
  const slots = step.args.flatMap((arg) =>
    typeof arg === 'object' && arg !== null && 'slot' in arg ? [arg.slot as number] : [],
  );
  return slots.every((slot) => {
    const values = before?.get(slot)?.values;
    return (
      values !== undefined &&
      Array.from(values).every((value) => Math.abs(value) < LARGEST || !(bounded || Number.isFinite(value)))
    );
  });
}

const sameContent = (a: Content, b: Content): boolean =>
  a.dtype === b.dtype &&
  a.shape.join() === b.shape.join() &&
  a.values.length === b.values.length &&
  Array.from(a.values).every((value, index) => Object.is(value, b.values[index]));

/** Runs the steps without looking, some of them as a graph, and says what differs from what was seen before. */
async function runBlind(machine: Machine, program: Program, history: History): Promise<string | undefined> {
  const { steps, captured } = program;
  const pending: Promise<string | undefined>[] = [];
  const expectSlot = async (
    index: number,
    slot: number,
    read: Promise<TensorArray>,
  ): Promise<string | undefined> => {
    const { dtype, shape } = machine.tensors[slot]!;
    const values = await read;
    const wanted = history[index]!.get(slot);
    return !wanted || sameContent({ dtype, shape, values }, wanted)
      ? undefined
      : `tensor ${slot} is another after step ${index} where nobody looks in between`;
  };
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!;
    if (captured && index === captured.from) {
      await replaySteps(machine, program, history);
      index = captured.to - 1;
      continue;
    }
    machine.perform(step);
    const tensor = 'slot' in step ? machine.live(step.slot) : undefined;
    if (!tensor) continue;
    if (step.kind === 'read')
      for (const read of [tensor.read(), tensor.read()]) pending.push(expectSlot(index, step.slot, read));
    if (step.kind === 'own' && tensor.size > 0 && !tensor.view) {
      const bytes = await machine.ownCopy(tensor);
      pending.push(
        expectSlot(index, step.slot, Promise.resolve(decodeElements(bytes, tensor.dtype, tensor.size))),
      );
    }
  }
  for (const [slot, tensor] of machine.tensors.entries())
    if (tensor && machine.live(slot)) pending.push(expectSlot(steps.length - 1, slot, tensor.read()));
  const outcomes = await Promise.all(pending);
  return outcomes.find((why) => why !== undefined) ?? (await machine.spoilt());
}

/** Turns of waiting for others' work, after which it is not theirs that keeps a graph from being encoded. */
const MOST_TURNS = 1000;

/** Other programs' work may be on its way at any time, and in buffers of the caller's own counts as work on the same tensors. */
async function encodeAlone(device: GpuDevice, graph: Graph, pass: GPUComputePassEncoder): Promise<void> {
  await graph.ready();
  for (let turn = 0; ; turn++) {
    await device.finished();
    device.flush();
    try {
      graph.encode(pass);
      return;
    } catch (error) {
      const waits = error instanceof ArgumentError && error.message.includes('still to be submitted');
      if (!waits || turn >= MOST_TURNS) throw error;
    }
  }
}

/** Captures steps, replays them once with other numbers in what was there before, and again with those that belong there. */
async function replaySteps(machine: Machine, { steps, captured }: Program, history: History): Promise<void> {
  const { from, to, encoded } = captured!;
  const device = machine.device as GpuDevice;
  const outside = machine.whole;
  const graph = device.capture(() => {
    for (const step of steps.slice(from, to)) machine.perform(step);
  });
  for (const slot of outside) {
    const tensor = machine.tensors[slot]!;
    tensor.write(randomElements(tensor, slot + 1));
  }
  graph.replay();
  for (const slot of outside) {
    const content = history[from - 1]!.get(slot);
    if (content) restore(machine.tensors[slot]!, content);
  }
  if (encoded) {
    const encoder = device.gpuDevice.createCommandEncoder();
    const pass = encoder.beginComputePass();
    await encodeAlone(device, graph, pass);
    pass.end();
    device.gpuDevice.queue.submit([encoder.finish()]);
  } else graph.replay();
  graph.dispose();
}

/**
 * Runs a program on a GPU twice: once looking at everything after each step, which the CPU path checks from the same operands; and
 * once without looking, as a graph, in buffers of the caller's own, or on another device, which has to give the same bits.
 */
export async function judgeProgram(
  device: GpuDevice,
  other: GpuDevice,
  program: Program,
  tally: Tally,
): Promise<Verdict> {
  using watched = new Machine(device);
  using blind = new Machine(program.elsewhere ? other : device);
  try {
    const history = await looked(watched, program.steps);
    const strange = watched.refusals.find(
      (error) => error !== undefined && !(error instanceof TilewiseError),
    );
    if (strange !== undefined) return wrong(`no error of the library: ${textOf(strange)}`);
    const why =
      (await watched.spoilt()) ??
      (await checkSteps(program.steps, history, watched.refusals, tally)) ??
      (await runBlind(blind, program, history));
    return why === undefined ? { kind: 'equal' } : wrong(why);
  } catch (error) {
    return wrong(textOf(error));
  }
}
