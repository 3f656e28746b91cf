// Tensors filled from files, responses and streams, on the GPU and on the CPU path.
import { openAsBlob, writeFileSync, mkdtempSync, rmSync, createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevice, sum, writeFrom, type ByteSource, type Device } from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const NUMBERS = Float32Array.from({ length: 1000 }, (_, i) => i - 0.5);
const BYTES = new Uint8Array(NUMBERS.buffer);

/** A stream of pieces, and whether it was told that no more is wanted. */
function streamOf(
  pieces: readonly unknown[],
  hangs = false,
): { stream: ReadableStream; cancelled: () => unknown } {
  const left = [...pieces];
  let reason: unknown;
  const stream = new ReadableStream({
    async pull(controller) {
      if (left.length > 0) controller.enqueue(left.shift());
      else if (hangs) await new Promise(() => undefined);
      else controller.close();
    },
    cancel(why) {
      reason = why;
    },
  });
  return { stream, cancelled: () => reason };
}

/** Pieces that end anywhere. */
const uneven = [0, 1, 2, 5, 1024, 1027, 3999, 4000].map((end, i, ends) => BYTES.slice(ends[i - 1] ?? 0, end));

const folder = mkdtempSync(join(tmpdir(), 'tilewise-writeFrom-'));
const file = join(folder, 'numbers.bin');
writeFileSync(file, BYTES);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['webgpu', 'cpu'] as const)('%s', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  it.each<[string, () => ByteSource | Promise<ByteSource>]>([
    ['a blob', () => new Blob([BYTES])],
    ['a file on disk', () => openAsBlob(file)],
    ['a part of a file', () => new Blob([BYTES.slice(0, 8), BYTES, BYTES]).slice(8, 8 + BYTES.byteLength)],
    ['a response', () => new Response(BYTES)],
    ['a stream with uneven pieces', () => streamOf(uneven).stream],
    ["Node's stream of a file", () => createReadStream(file, { highWaterMark: 333 })],
  ])('takes %s', async (_, source) => {
    const x = device.tensor(new Float32Array(1000).fill(7), [10, 100]);
    const before = sum(x);
    await writeFrom(x, await source());
    expect(await x.read()).toEqual(NUMBERS);
    expect(await before.read()).toEqual(Float32Array.of(7000));
  });

  it('takes what is no multiple of four bytes, and nothing at all', async () => {
    const bytes = device.empty([5], 'i8');
    await writeFrom(bytes, new Blob([Int8Array.of(1, -2, 3, -4, 5)]));
    expect(await bytes.read()).toEqual(Int8Array.of(1, -2, 3, -4, 5));
    await writeFrom(device.empty([0, 3]), new Response(null));
  });

  it('takes more than is kept ahead of the device', async () => {
    const large = new Uint8Array(2 ** 25 + 2 ** 22 + 4);
    const words = new Uint32Array(large.buffer);
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2654435761);
    const x = device.empty([words.length], 'u32');
    await writeFrom(x, streamOf([large.subarray(0, 2 ** 22 + 1), large.subarray(2 ** 22 + 1)]).stream);
    expect(Buffer.compare(Buffer.from((await x.read()).buffer), Buffer.from(large.buffer))).toBe(0);
  });

  it('says what is too short or too long, and tells the source', async () => {
    const x = device.empty([1000]);
    const details = { code: 'shape', details: { expected: 4000, got: 3999 } };
    await expect(writeFrom(x, new Blob([BYTES.slice(1)]))).rejects.toMatchObject(details);
    await expect(writeFrom(x, streamOf(uneven.slice(0, -1)).stream)).rejects.toMatchObject(details);
    const long = streamOf([BYTES, BYTES.slice(0, 1), BYTES]);
    await expect(writeFrom(x, long.stream)).rejects.toThrow('f32 [1000] has 4000 bytes; the source has more');
    expect(long.cancelled()).toMatchObject({ code: 'shape' });
  });

  it('ends when it is aborted, though the source hangs', async () => {
    const hanging = streamOf([BYTES.slice(0, 100)], true);
    const abort = new AbortController();
    const writing = writeFrom(device.empty([1000]), hanging.stream, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(writing).rejects.toThrow('enough');
    expect(hanging.cancelled()).toMatchObject({ message: 'enough' });
    await expect(
      writeFrom(device.empty([1000]), new Blob([BYTES]), { signal: AbortSignal.abort(new Error('before')) }),
    ).rejects.toThrow('before');
  });

  it('hands on what the source throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield BYTES.slice(0, 8);
      throw new Error('the disk is gone');
    }
    await expect(writeFrom(device.empty([1000]), broken())).rejects.toThrow('the disk is gone');
  });

  it.each<[string, unknown, string]>([
    ['a response that is no success', new Response('no', { status: 404 }), 'answered 404'],
    ['an array', [1, 2, 3], 'takes a Blob'],
    ['null', null, 'takes a Blob'],
    ['the name of a file', 'weights.bin', 'got "weights.bin"'],
    ['pieces that are no bytes', streamOf(['text']).stream, 'pieces of Uint8Array'],
  ])('refuses %s', async (_, source, message) => {
    const writing = writeFrom(device.empty([1]), source as ByteSource);
    await expect(writing).rejects.toMatchObject({
      code: 'argument',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses views, and tensors that are gone', async () => {
    const x = device.empty([2, 2]);
    await expect(writeFrom(x.transpose(), new Blob([]))).rejects.toThrow('a view cannot be written to');
    x.dispose();
    await expect(writeFrom(x, new Blob([BYTES.slice(0, 16)]))).rejects.toThrow('has been disposed');
  });
});
