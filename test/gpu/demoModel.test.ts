// The demo's language models on a GPU: the same tokens as plain loops of f64.
import { describe, expect, it } from 'vitest';
import { expectAsPlain, load, textOf } from '../support/demoModels.ts';
import { randomGpt2, randomLlama } from '../support/plainTransformer.ts';
import { testDevice } from './support/device.ts';

describe('a model on a GPU', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('is a Llama in %s', async (dtype) =>
    expectAsPlain(await testDevice(), randomLlama(1), dtype),
  );
  it.each(['F32', 'F16', 'BF16'] as const)('is a GPT-2 in %s', async (dtype) =>
    expectAsPlain(await testDevice(), randomGpt2(1), dtype),
  );

  it('gives its memory back', async () => {
    const device = await testDevice();
    const use = async (): Promise<number> => {
      using model = await load(device, randomLlama(1), 'F32');
      await textOf(model, { prompt: [1, 2, 3], count: 8, choice: { kind: 'greedy' } });
      await model.attentionMaps([1, 2, 3]);
      await device.finished();
      model.dispose();
      return device.memory.allocatedBytes - device.memory.unusedBytes;
    };
    const first = await use();
    expect(await use()).toBeLessThanOrEqual(first);
  });
});
