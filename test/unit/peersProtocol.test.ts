import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PeerContender } from '../../bench/peers/contender.ts';
import { peerCommand } from '../../bench/peers/index.ts';
import { NotOffered, type OpenPeer, type PeerOperand } from '../../bench/peers/peer.ts';
import { PeerFailure, PeerLacks, PeerProcess } from '../../bench/peers/process.ts';
import {
  receiveOperand,
  receiveValues,
  sendOperand,
  sendValues,
  type Request,
} from '../../bench/peers/protocol.ts';
import { servePeer } from '../../bench/peers/serve.ts';
import type { MatmulTask } from '../../bench/peers/task.ts';
import { Operand } from '../../bench/measure/operand.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import { encodeElements } from '../../src/tensor.ts';

/** Starting a process takes long where the machine is busy. */
const SLOW = { timeout: 60_000 };

const settings = { checked: false, device: 'NVIDIA Fake 9, driver 1' };
const task: MatmulTask = { op: 'matmul', dtype: 'f32', m: 1, n: 2, k: 3, transposeB: false };

describe('operands and results', () => {
  it.each(['f32', 'f16'] as const)('come as they were sent, repeated: %s', (dtype) => {
    const numbers = [0.5, -2, 1.25, 7, NaN];
    const pattern = encodeElements(numbers, dtype).subarray(0, numbers.length * (dtype === 'f16' ? 2 : 4));
    const received = receiveOperand(sendOperand(dtype, 12, pattern));
    expect([...received.values]).toEqual([...numbers, ...numbers, 0.5, -2]);
  });

  it('are sent as the benchmark uploads them', () => {
    const operand = new Operand({ shape: [3, 7], dtype: 'f16' }, 5);
    const { values } = receiveOperand(sendOperand('f16', operand.size, operand.pattern));
    expect([...values]).toEqual([...operand.values()]);
  });

  it('come back as chosen, not rounded', () => {
    const values = [0.1, NaN, -Infinity, 2 ** 31 + 1];
    expect([...receiveValues(sendValues(values, null))]).toEqual(values);
    expect([...receiveValues(sendValues(values, [3, 0]))]).toEqual([2 ** 31 + 1, 0.1]);
  });

  it('change the order of their first axes', () => {
    const operand = receiveOperand(sendOperand('f32', 6, encodeElements([0, 1, 2, 3, 4, 5], 'f32')));
    expect([...operand.swapped([3, 2, 1]).values]).toEqual([0, 2, 4, 1, 3, 5]);
    expect([...operand.swapped([3, 1, 2]).values]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are cut to the last of each', () => {
    for (const dtype of ['f32', 'f16'] as const) {
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const operand = receiveOperand(sendOperand(dtype, 12, encodeElements(numbers, dtype)));
      expect([...operand.lastRows([2, 3, 2]).values]).toEqual([4, 5, 10, 11]);
    }
  });
});

/** What a library says to requests. */
async function converse(open: OpenPeer, requests: readonly Request[]): Promise<unknown[]> {
  const answers: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    for (const request of requests) yield JSON.stringify(request);
  }
  await servePeer(open, lines(), (line) => void answers.push(line));
  return answers.map((line) => JSON.parse(line) as unknown);
}

describe('servePeer', () => {
  const log: string[] = [];
  const doubling: OpenPeer = async ({ device }) => ({
    version: '1.2',
    device,
    prepare({ op, dtype }, operands: readonly PeerOperand[]) {
      if (op !== 'sum') throw new NotOffered(`no ${op}`);
      log.push('prepare');
      return {
        start: (repeats) => 2 * repeats,
        finish: async () => {
          if (dtype === 'f16') throw new Error('the device was lost');
        },
        read: async () => operands[0]!.values.map((value) => 2 * value),
        dispose: () => void log.push('dispose'),
      };
    },
  });
  const sum = { op: 'sum', dtype: 'f32', rows: 1, columns: 2, axes: [1] } as const;
  const operands = [sendOperand('f32', 2, encodeElements([3, 4], 'f32'))];

  it('opens, prepares, runs, reads, and gives back what was prepared before', async () => {
    log.length = 0;
    const answers = await converse(doubling, [
      { do: 'open', settings },
      { do: 'prepare', task: sum, operands },
      { do: 'time', repeats: 4 },
      { do: 'read', positions: [1] },
      { do: 'prepare', task: sum, operands },
      { do: 'dispose' },
      { do: 'dispose' },
    ]);
    expect(answers[0]).toEqual({ ok: { version: '1.2', device: settings.device } });
    expect(answers[2]).toEqual({ ok: { durationNs: expect.any(Number), runs: 8 } });
    expect(answers[3]).toEqual({ ok: { values: sendValues([8], null) } });
    expect(log).toEqual(['prepare', 'dispose', 'prepare', 'dispose']);
  });

  it('answers with what is missing and what went wrong, and goes on', async () => {
    const answers = await converse(doubling, [
      { do: 'prepare', task: sum, operands },
      { do: 'open', settings },
      { do: 'time', repeats: 1 },
      { do: 'prepare', task, operands },
      { do: 'prepare', task: { ...sum, dtype: 'f16' }, operands },
      { do: 'time', repeats: 1 },
      { do: 'prepare', task: sum, operands },
    ]);
    expect(answers).toEqual([
      { error: 'the library has not been opened' },
      { ok: expect.anything() },
      { error: 'no task has been prepared' },
      { notOffered: 'no matmul' },
      { ok: {} },
      { error: 'the device was lost' },
      { ok: {} },
    ]);
  });
});

describe('PeerProcess', SLOW, () => {
  let started: PeerProcess | undefined;
  afterEach(() => started?.close());

  /** A process of Node.js that runs this program for each line. */
  function node(program: string): PeerProcess {
    const code = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => { ${program} })`;
    started = new PeerProcess({ file: process.execPath, args: ['-e', code] });
    return started;
  }

  const open: Extract<Request, { do: 'open' }> = { do: 'open', settings };

  it('gives answers', async () => {
    const peer = node('console.log(JSON.stringify({ ok: { version: JSON.parse(line).settings.device } }))');
    expect(await peer.ask(open)).toEqual({ version: settings.device });
    expect(await peer.ask(open)).toEqual({ version: settings.device });
    expect(peer.alive).toBe(true);
  });

  it('tells what a library lacks from what went wrong', async () => {
    const peer = node(`console.log(JSON.stringify(
      line.includes('open') ? { notOffered: 'no f16' } : { error: 'out of memory\\nat somewhere' }))`);
    await expect(peer.ask(open)).rejects.toThrow(new PeerLacks('no f16'));
    await expect(peer.ask({ do: 'time', repeats: 1 })).rejects.toThrow(new PeerFailure('out of memory'));
  });

  it('says how it ended, with its last words', async () => {
    const peer = node(
      `console.error('Warning: a'); console.error('it hurts'); console.error(''); process.exit(7)`,
    );
    await expect(peer.ask(open)).rejects.toThrow(new PeerFailure('it ended with exit code 7: it hurts'));
    expect(peer.alive).toBe(false);
    await expect(peer.ask(open)).rejects.toThrow(PeerFailure);
  });

  it('says by which signal', async () => {
    const peer = node(`process.kill(process.pid, 'SIGSEGV')`);
    await expect(peer.ask(open)).rejects.toThrow(/it ended with SIGSEGV/);
  });

  it('does not wait for ever', async () => {
    const peer = node('');
    await expect(peer.ask(open, 50)).rejects.toThrow('no answer within 0.05 s');
    expect(peer.alive).toBe(false);
  });

  it('takes nothing else for an answer', async () => {
    const peer = node(`console.log('loading…')`);
    await expect(peer.ask(open)).rejects.toThrow('it said "loading…", which is no answer');
  });

  it('says that the program is not there', async () => {
    started = new PeerProcess({ file: '/absent/python3', args: [] });
    await expect(started.ask(open)).rejects.toThrow('there is no program /absent/python3');
  });
});

describe('PeerContender', SLOW, () => {
  const assignment = {
    operation: matmulOperation,
    problem: matmulProblem(1, 2, 3),
    operands: [],
    task,
  };
  const contender = (program: string): PeerContender => {
    const code = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const request = JSON.parse(line); ${program} })`;
    return new PeerContender('fake', { file: process.execPath, args: ['-e', code] }, settings);
  };

  it('refuses a library that runs on another device', async () => {
    const other = contender(`console.log(JSON.stringify({ ok: { version: '1', device: 'llvmpipe' } }))`);
    await expect(other.open()).rejects.toThrow('it runs on llvmpipe, Tilewise on NVIDIA Fake 9, driver 1');
  });

  it('takes one that is named without its driver, or does not say', async () => {
    for (const device of ['NVIDIA Fake 9', null]) {
      const fake = contender(
        `console.log(JSON.stringify({ ok: { version: '1', device: ${JSON.stringify(device)} } }))`,
      );
      expect(await fake.open()).toEqual({ version: '1', device });
      fake.close();
    }
  });

  it('starts a library again that crashed, and gives up when that does not end', async () => {
    const crashing = contender(
      `if (request.do === 'prepare') process.exit(3); console.log(JSON.stringify({ ok: { device: null } }))`,
    );
    await crashing.open();
    for (let time = 0; time < 3; time++) {
      await expect(crashing.prepare(assignment)).rejects.toThrow('it ended with exit code 3');
    }
    await expect(crashing.prepare(assignment)).rejects.toThrow('its process has ended 3 times');
  });
});

describe('the command that runs PyTorch', SLOW, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-python-'));
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says that there is no Python', async () => {
    process.env['PATH'] = folder;
    const torch = new PeerContender('torch', peerCommand('torch'), settings);
    await expect(torch.open()).rejects.toThrow('there is no program python3');
  });

  it('gives the script to the Python that is found', async () => {
    const python = `#!${process.execPath}
      const [option, script] = process.argv.slice(2);
      const version = option === '-c' && script.includes('class Session') ? 'the script' : 'something else';
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        console.log(JSON.stringify({ ok: { version, device: JSON.parse(line).settings.device } }));
      });`;
    writeFileSync(join(folder, 'python3'), python, { mode: 0o755 });
    process.env['PATH'] = folder;
    const torch = new PeerContender('torch', peerCommand('torch'), settings);
    expect(await torch.open()).toEqual({ version: 'the script', device: settings.device });
    torch.close();
  });
});

/** Whether there is a Python to run the script with; the protocol is tested without one above. */
const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', ''], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasPython)('torch.py', SLOW, () => {
  const fixtures = join(import.meta.dirname, '../fixtures/fakeTorch');
  let peer: PeerProcess | undefined;
  afterEach(() => {
    peer?.close();
    delete process.env['PYTHONPATH'];
    delete process.env['FAKE_CUDA'];
  });

  function start(environment: Readonly<Record<string, string>>): PeerProcess {
    Object.assign(process.env, environment);
    peer = new PeerProcess(peerCommand('torch'));
    return peer;
  }

  it('says that there is no device, or another one', async () => {
    await expect(
      start({ PYTHONPATH: fixtures, FAKE_CUDA: '0' }).ask({ do: 'open', settings }),
    ).rejects.toThrow(new PeerFailure('PyTorch 0.0.fake finds no CUDA device'));
    peer?.close();
    delete process.env['FAKE_CUDA'];
    await expect(
      start({ PYTHONPATH: fixtures }).ask({ do: 'open', settings: { ...settings, device: 'llvmpipe' } }),
    ).rejects.toThrow('PyTorch has NVIDIA Fake 8, NVIDIA Fake 9, not the adapter that is measured');
  });

  it('computes products and sums of what it was sent, on the device that is named', async () => {
    const torch = start({ PYTHONPATH: fixtures });
    expect(await torch.ask({ do: 'open', settings })).toEqual({
      version: '0.0.fake',
      device: 'NVIDIA Fake 9',
    });
    // a [1, 3] is 1 2 1, since its pattern is shorter; b [2, 3] as stored.
    const operands = [
      sendOperand('f32', 3, encodeElements([1, 2], 'f32')),
      sendOperand('f32', 6, encodeElements([1, 0, 0, 4, 5, 6], 'f32')),
    ];
    await torch.ask({ do: 'prepare', task: { ...task, transposeB: true }, operands });
    const { durationNs, runs } = await torch.ask({ do: 'time', repeats: 5 });
    expect(runs).toBe(5);
    expect(durationNs).toBeGreaterThan(0);
    expect([...receiveValues((await torch.ask({ do: 'read', positions: null })).values)]).toEqual([1, 20]);
    expect([...receiveValues((await torch.ask({ do: 'read', positions: [1] })).values)]).toEqual([20]);

    const halves = [sendOperand('f16', 6, encodeElements([0.5, 1], 'f16'))];
    const sum = { op: 'sum', dtype: 'f16', rows: 2, columns: 3, axes: [1] } as const;
    await torch.ask({ do: 'prepare', task: sum, operands: halves });
    await torch.ask({ do: 'time', repeats: 1 });
    expect([...receiveValues((await torch.ask({ do: 'read', positions: null })).values)]).toEqual([2, 2.5]);
    await torch.ask({ do: 'dispose' });
    await expect(torch.ask({ do: 'time', repeats: 1 })).rejects.toThrow(PeerFailure);
  });
});
