// Random calls of the whole API on the GPU against the CPU path: nothing crashes, and nothing is silently wrong. What was found once is in
// test/fuzz/found.json and foundPrograms.json, and runs first.
//
//   npm run fuzz                                         100,000 calls, from a seed that is printed
//   TILEWISE_FUZZ_CALLS=5000 TILEWISE_FUZZ_SEED=7 npm test -- --project gpu test/gpu/fuzz.test.ts
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice, type GpuDevice } from '../../src/node.ts';
import { rounds } from '../fuzz/calls/index.ts';
import found from '../fuzz/found.json' with { type: 'json' };
import { judge, ObservedCpu, serialised, type Call, type Verdict } from '../fuzz/perform.ts';
import foundPrograms from '../fuzz/foundPrograms.json' with { type: 'json' };
import { drawProgram } from '../fuzz/programs/draw.ts';
import { judgeProgram } from '../fuzz/programs/judge.ts';
import type { Program } from '../fuzz/programs/steps.ts';
import { testDevice } from './support/device.ts';

const long = process.env['TILEWISE_FUZZ_CALLS'];
/** Few enough for every change; compiling the shaders is what takes the time. */
const COUNT = Number(long ?? 72);
// A long run is worth more from a seed of its own.
const SEED = Number(process.env['TILEWISE_FUZZ_SEED'] ?? (long ? Date.now() % 1_000_000 : 1));
/** Programs of some eight calls on what the calls before have made. */
const PROGRAMS = Number(process.env['TILEWISE_FUZZ_PROGRAMS'] ?? Math.ceil(COUNT / 25));
/** Programs that run side by side on a device. */
const AT_ONCE = 8;
/** Calls that share an option set: many in a long run, which then compiles few shaders. */
const ROUND = long ? 250 : 4;
/**
 * Calls after which a long run opens another device, so that what grows with a device's age shows. What is given back does not all
 * become free: llvmpipe keeps about 0.6 MB of each pipeline that was ever made, even beyond the end of its device.
 */
const CALLS_PER_DEVICE = 10_000;
/** A long run goes on after a failure, and ends after so many. */
const MOST_FAILURES = 100;

let device: GpuDevice;
/** Where programs are run once more. */
let other: GpuDevice;
beforeAll(async () => {
  device = long ? await openDevice() : await testDevice();
  other = await openDevice();
  return () => other.destroy();
});

async function reopenDevice(): Promise<void> {
  await device.finished();
  device.destroy();
  device = await openDevice();
}

describe('a call that was wrong once', () => {
  it.each(found as unknown as { why: string; call: Call }[])('$why', async ({ call }) => {
    expect(await judge(device, call)).not.toHaveProperty('why');
  });
});

describe('a program that was wrong once', () => {
  it.each(foundPrograms as unknown as { why: string; program: Program }[])('$why', async ({ program }) => {
    expect(await judgeProgram(device, other, program, { compared: 0 })).not.toHaveProperty('why');
  });
});

interface Failure {
  readonly why: string;
  readonly call: Call;
}

/** Work that the GPU refuses takes down what was submitted with it: calls that fail by themselves, or all if none does. */
async function culprits(failures: readonly Failure[]): Promise<readonly Failure[]> {
  const alone: Failure[] = [];
  for (const { call } of failures) {
    const verdict = await judge(device, call);
    if (verdict.kind === 'wrong') alone.push({ why: verdict.why, call });
  }
  return alone.length > 0 ? alone : failures.map(({ why, call }) => ({ why: `not alone: ${why}`, call }));
}

/**
 * Dawn looks for news in every turn of the event loop, and these turns would take the processor from the threads that compile and
 * compute: until the work is done, each takes a millisecond at least.
 */
async function unhurried<T>(work: Promise<T>): Promise<T> {
  const never = new Int32Array(new SharedArrayBuffer(4));
  let done = false;
  const turn = (): void => {
    if (done) return;
    Atomics.wait(never, 0, 0, 1);
    setImmediate(turn);
  };
  setImmediate(turn);
  return work.finally(() => {
    done = true;
  });
}

it(`${COUNT} random calls, seed ${SEED}, do on the GPU what the CPU path does`, { timeout: 0 }, async () => {
  const failures: string[] = [];
  const tally: Record<Verdict['kind'], number> = { equal: 0, refused: 0, unsupported: 0, wrong: 0 };
  let made = 0;
  const start = performance.now();
  const round = async (calls: readonly Call[]): Promise<void> => {
    if (failures.length >= MOST_FAILURES) return;
    // All at once: one compiles while another computes, and reads overlap.
    const verdicts = await unhurried(Promise.all(calls.map(async (call) => judge(device, call))));
    for (const { kind } of verdicts) tally[kind]++;
    const wrong = verdicts.flatMap((verdict, index) =>
      verdict.kind === 'wrong' ? [{ why: verdict.why, call: calls[index]! }] : [],
    );
    for (const { why, call } of await culprits(wrong)) {
      failures.push(`${why}\n${serialised(call)}`);
      // Who ends a long run early is to have what it has found.
      console.error(failures.at(-1));
    }
    const before = made;
    made += calls.length;
    const passes = (every: number): boolean => Math.floor(made / every) > Math.floor(before / every);
    if (!long) return;
    if (passes(1000))
      console.info(`${made} calls, ${Math.round((performance.now() - start) / 1000)} s`, tally);
    if (passes(CALLS_PER_DEVICE)) await reopenDevice();
  };
  await fc.assert(fc.asyncProperty(rounds(ROUND), round), { numRuns: COUNT / ROUND, seed: SEED });
  expect(failures).toEqual([]);
  expect(tally.equal, 'most calls are right').toBeGreaterThan(COUNT / 2);
});

it(
  `${PROGRAMS} random programs, seed ${SEED}, do on the GPU what the CPU path does`,
  { timeout: 0 },
  async () => {
    const failures: string[] = [];
    const tally = { compared: 0 };
    let calls = 0;
    const start = performance.now();
    for (let made = 0; made < PROGRAMS && failures.length < MOST_FAILURES; made += AT_ONCE) {
      const programs = Array.from({ length: Math.min(AT_ONCE, PROGRAMS - made) }, (_, index) =>
        drawProgram(new ObservedCpu().device, SEED * 1_000_003 + made + index),
      );
      for (const { steps } of programs) calls += steps.filter(({ kind }) => kind === 'call').length;
      const verdicts = await unhurried(
        Promise.all(programs.map(async (program) => judgeProgram(device, other, program, tally))),
      );
      for (const [index, verdict] of verdicts.entries()) {
        if (verdict.kind !== 'wrong') continue;
        failures.push(`${verdict.why}\n${serialised(programs[index])}`);
        console.error(failures.at(-1));
      }
      if (long && made % 200 === 0)
        console.info(
          `${made + programs.length} programs of ${calls} calls, ${Math.round((performance.now() - start) / 1000)} s`,
        );
    }
    expect(failures).toEqual([]);
    expect(tally.compared, 'many calls have results').toBeGreaterThan(calls / 3);
  },
);
