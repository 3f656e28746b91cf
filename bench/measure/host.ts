import { copyOperation } from '../../src/kernels/checked.ts';
import { matmul, type Device, type GpuDevice, type Tensor } from '../../src/node.ts';
import { WrongResult } from './check.ts';
import { openNullDevice, overheadCases, RECORDING_TARGET } from './overhead.ts';
import { sampleOnHost } from './sampling.ts';
import { durationNs, timeGraph } from './timing.ts';
import { mapEstimate, type Estimate } from './statistics.ts';
import { prepareTrial } from './trial.ts';

/** What the host itself spends, apart from the GPU's work. */
export interface HostTime {
  readonly name: string;
  readonly microseconds: Estimate;
  /** What it should stay below, where there is a target. */
  readonly targetMicroseconds: number | undefined;
}

const SIDE = 32;
const CHAIN = 512;

/**
 * Measures what the host spends on an operation that is recorded and not waited for, in a chain of small products each of
 * which reads the one before, and what one round trip to the device takes. The chain's result is checked.
 *
 * @throws WrongResult when the chain's result is wrong
 */
export async function measureHost(device: Device, options: HostOptions): Promise<HostTime[]> {
  if (device.backend === 'cpu') return [];
  const chain = async (dispose: boolean): Promise<Estimate> => {
    const times = await sampleHost(() => recordChain(device, dispose), options);
    return mapEstimate(times, (microseconds) => microseconds / CHAIN);
  };
  const name = `matmul ${SIDE} x ${SIDE} recorded and not waited for, each of ${CHAIN} in a row`;
  return [
    { name, microseconds: await chain(true), targetMicroseconds: RECORDING_TARGET },
    {
      name: `${name}, nothing disposed`,
      microseconds: await chain(false),
      targetMicroseconds: undefined,
    },
    ...(await measureDispatch(device, options)),
    {
      name: 'one matmul submitted and its result read',
      microseconds: await roundTrip(device, options),
      targetMicroseconds: undefined,
    },
    ...(await measureOverhead(options)),
  ];
}

/** Vectors of 16 bytes that a dispatch copies which does next to nothing. */
const SMALL_COPY = 64;

/** Dispatches in a pass: enough that the pass itself does not count. */
const DISPATCHES = 1024;

/** What a dispatch costs that does next to nothing: in a pass with others, on the GPU's clock, and submitted by itself and waited for. */
async function measureDispatch(device: GpuDevice, options: HostOptions): Promise<HostTime[]> {
  const trial = prepareTrial(device, copyOperation, { vectors: SMALL_COPY }, { seed: 1 });
  try {
    const inPass = await sampleHost(async () => {
      const timing = await timeGraph(device, trial.graph, DISPATCHES);
      return durationNs(timing) / 1e3 / DISPATCHES;
    }, options);
    const alone = await sampleHost(async () => {
      const begin = performance.now();
      trial.graph.replay();
      device.flush();
      await device.finished();
      return (performance.now() - begin) * 1e3;
    }, options);
    const clock = device.capabilities.timestampQuery ? "on the GPU's clock" : "on the host's clock";
    return [
      {
        name: `one of ${DISPATCHES} small dispatches in a pass, ${clock}`,
        microseconds: inPass,
        targetMicroseconds: undefined,
      },
      {
        name: 'one small dispatch submitted and waited for',
        microseconds: alone,
        targetMicroseconds: undefined,
      },
    ];
  } finally {
    trial[Symbol.dispose]();
  }
}

/** What the library costs by itself, on a device that does no work. */
async function measureOverhead(options: HostOptions): Promise<HostTime[]> {
  const { gpu, device } = await openNullDevice();
  const times: HostTime[] = [];
  for (const { name, operations, targetMicroseconds, run } of await overheadCases(device)) {
    const microseconds = await sampleHost(async () => {
      const begin = performance.now();
      run();
      // What is recorded is encoded when it is submitted.
      device.flush();
      const each = ((performance.now() - begin) * 1e3) / operations;
      await device.finished();
      return each;
    }, options);
    times.push({ name: `no GPU: ${name}`, microseconds, targetMicroseconds });
  }
  device.destroy();
  device.gpuDevice.destroy();
  // The instance has to outlive its device.
  void gpu;
  return times;
}

interface HostOptions {
  readonly samples: number;
  /** For one of the measurements; `MIN_SAMPLES` are taken whatever they take. */
  readonly maxMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The first runs compile, fill caches and let the engine optimise. */
const WARMUPS = 16;

const MIN_SAMPLES = 3;

/** @param run gives the microseconds that it took */
async function sampleHost(
  run: () => Promise<number>,
  { samples, maxMs, signal }: HostOptions,
): Promise<Estimate> {
  for (let i = 0; i < WARMUPS; i++) await run();
  return sampleOnHost(run, { minSamples: MIN_SAMPLES, maxSamples: samples, timeMs: maxMs, signal });
}

/** A matrix that moves every column one to the right: products with it are exact, however many. */
function shift(): Float32Array {
  const matrix = new Float32Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) matrix[row * SIDE + ((row + 1) % SIDE)] = 1;
  return matrix;
}

async function recordChain(device: GpuDevice, dispose: boolean): Promise<number> {
  const start = Float32Array.from({ length: SIDE * SIDE }, (_, index) => index);
  const b = device.tensor(shift(), [SIDE, SIDE]);
  const made: Tensor<'f32'>[] = [];
  let x = device.tensor(start, [SIDE, SIDE]);
  await device.finished();
  const begin = performance.now();
  for (let i = 0; i < CHAIN; i++) {
    const next = matmul(x, b);
    if (dispose) x.dispose();
    else made.push(x);
    x = next;
  }
  const microseconds = (performance.now() - begin) * 1e3;
  const result = await x.read();
  for (const tensor of [...made, x, b]) tensor.dispose();
  for (const [index, value] of result.entries()) {
    const row = Math.floor(index / SIDE);
    const column = (((index % SIDE) - CHAIN) % SIDE) + SIDE;
    if (value !== row * SIDE + (column % SIDE))
      throw new WrongResult('the chain of small products came out wrong');
  }
  return microseconds;
}

async function roundTrip(device: GpuDevice, options: HostOptions): Promise<Estimate> {
  const a = device.tensor(shift(), [SIDE, SIDE]);
  const times = await sampleHost(async () => {
    const begin = performance.now();
    const c = matmul(a, a);
    await c.read();
    const microseconds = (performance.now() - begin) * 1e3;
    c.dispose();
    return microseconds;
  }, options);
  a.dispose();
  return times;
}
