import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice, sample, type Device, type SampleOptions, type Tensor } from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const NO_TOKEN = 2 ** 32 - 1;

/** Rows of logits in no order: the tokens' probabilities are 1/6, 1/2 and 1/3. */
const ROWS = 2000;
const LOGITS = Float32Array.from({ length: 3 * ROWS }, (_, i) => Math.log([1, 3, 2][i % 3]!));

describe.each(['webgpu', 'cpu'] as const)('sampling on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

  it.each([
    ['all', {}, [1 / 6, 3 / 6, 2 / 6]],
    ['the two likeliest', { topK: 2 }, [0, 3 / 5, 2 / 5]],
    ['the first that have two thirds', { topP: 0.66 }, [0, 3 / 5, 2 / 5]],
    ['the likely ones', { minP: 0.4, temperature: 0.5 }, [0, 9 / 13, 4 / 13]],
    ['the likeliest', { temperature: 0 }, [0, 1, 0]],
  ] as const)('draws tokens as often as they are likely: %s', async (_, options, expected) => {
    const tokens = sample(device.tensor(LOGITS, [ROWS, 3]), { ...options, seed: 11 });
    expect([tokens.shape, tokens.dtype]).toEqual([[ROWS], 'u32']);
    const drawn = await read(tokens);
    for (const [token, share] of expected.entries()) {
      const got = drawn.filter((other) => other === token).length / ROWS;
      // Six deviations of a share of one half; the seed is fixed.
      expect(Math.abs(got - share)).toBeLessThanOrEqual(6 * Math.sqrt(0.25 / ROWS));
      if (share === 0) expect(got).toBe(0);
    }
  });

  it('draws the same with the same seed and step, and else others', async () => {
    const logits = device.tensor(LOGITS, [ROWS, 3]);
    const first = await read(sample(logits, { seed: 1, step: 2 }));
    expect(await read(sample(logits, { seed: 1, step: 2 }))).toEqual(first);
    expect(await read(sample(logits, { seed: 1, step: 3 }))).not.toEqual(first);
    expect(await read(sample(logits, { seed: 2, step: 2 }))).not.toEqual(first);
    expect(await read(sample(logits, { seed: 1 + 2 ** 32, step: 2 }))).not.toEqual(first);
  });

  it('gives no token where there is no distribution', async () => {
    const logits = [0, NaN, 0, Infinity, -Infinity, -Infinity, 0, -Infinity];
    const tokens = sample(device.tensor(logits, [4, 2]));
    expect(await read(tokens)).toEqual([NO_TOKEN, NO_TOKEN, NO_TOKEN, 0]);
  });

  it.each([
    [{ temperature: -1 }, 'sample: temperature must be a finite number from 0 on, got -1'],
    [{ temperature: Infinity }, 'got Infinity'],
    [{ topK: 4 }, 'sample: topK must be a whole number from 1 to 3, got 4'],
    [{ topK: 0 }, 'got 0'],
    [{ topP: 1.5 }, 'sample: topP must be from 0 to 1, got 1.5'],
    [{ minP: NaN }, 'sample: minP must be from 0 to 1, got NaN'],
    [{ seed: 0.5 }, 'sample: seed must be a whole number from 0 to 9007199254740991, got 0.5'],
    [{ step: 2 ** 32 }, 'sample: step must be a whole number from 0 to 4294967295'],
    [{ top_k: 1 }, 'sample has no option "top_k"'],
  ])('refuses %j', (options, message) => {
    expect(() => sample(device.empty([2, 3]), options as SampleOptions)).toThrow(message);
  });

  it('refuses what is no logits', () => {
    expect(() => sample(device.empty([2, 0]))).toThrow('need a last axis of at least one token');
    expect(() => sample(device.tensor([1], []))).toThrow('need a last axis');
    expect(() => sample(device.empty([2], 'i32') as unknown as Tensor<'f32'>)).toThrow(
      'takes f32 or f16, got i32',
    );
  });
});
