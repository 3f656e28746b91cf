// What a caller in plain JavaScript may pass by mistake: every operation answers with an error of the library's own.
import { beforeAll, describe, expect, it } from 'vitest';
import * as tilewise from '../../src/index.ts';

type Operation = (...args: unknown[]) => unknown;
const operations = Object.entries(tilewise).filter(
  (entry): entry is [string, Operation] =>
    typeof entry[1] === 'function' && /^[a-z]/.test(entry[0]) && entry[0] !== 'openDevice',
);

let x: tilewise.Tensor;
beforeAll(async () => {
  const device = await tilewise.openDevice({ backend: 'cpu' });
  x = device.tensor(new Float32Array(16), [4, 4]);
});

describe.each(operations)('%s', (_, operation) => {
  it.each([[undefined], [null], [5], ['x'], [{}], [[1, 2]]])(
    'takes no %j for a tensor, nor for options',
    async (bad) => {
      for (const args of [[bad], [bad, x, x, x], [x, bad, bad, bad], [x, x, x, bad]]) {
        try {
          await operation(...args);
        } catch (error) {
          expect(error).toBeInstanceOf(tilewise.TilewiseError);
        }
      }
      // The first argument is a tensor, a device or a function in each of them.
      await expect((async () => operation(bad))()).rejects.toBeInstanceOf(tilewise.TilewiseError);
    },
  );
});
