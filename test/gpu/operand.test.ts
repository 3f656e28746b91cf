import { expect, it } from 'vitest';
import { DISTINCT } from '../../bench/measure/inputs.ts';
import { Operand } from '../../bench/measure/operand.ts';
import { testDevice } from './support/device.ts';

// The pattern has an odd number of elements: repeated, those of less than four bytes end in the middle of a word.
it.each(['i8', 'f16', 'f32'] as const)(
  'an operand of %s is repeated on the device as on the host',
  async (dtype) => {
    const device = await testDevice();
    const size = 2 ** Math.ceil(Math.log2(4.5 * DISTINCT));
    const operand = new Operand({ shape: [size], dtype }, 1);
    const tensor = operand.upload(device);
    const values = await tensor.read();
    tensor.dispose();
    const wrong = values.findIndex((value, index) => value !== operand.at(index));
    expect(wrong).toBe(-1);
  },
);
