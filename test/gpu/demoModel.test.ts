// The demo's language models on a GPU: the same tokens as plain loops of f64, and as the CPU path.
import { describe, expect, it } from 'vitest';
import { openDevice } from '../../src/node.ts';
import { CHECKPOINTS, expectAsExpected } from '../support/checkpoints.ts';
import { expectAsPlain, load, textOf } from '../support/demoModels.ts';
import { loadDemoModel, referenceTokens } from '../support/demoWeights.ts';
import { randomGpt2, randomLlama } from '../support/plainTransformer.ts';
import { testDevice } from './support/device.ts';

describe('a model on a GPU', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('is a Llama in %s', async (dtype) =>
    expectAsPlain(await testDevice(), randomLlama(1), dtype),
  );
  it.each(['F32', 'F16', 'BF16'] as const)('is a GPT-2 in %s', async (dtype) =>
    expectAsPlain(await testDevice(), randomGpt2(1), dtype),
  );
  it.each(CHECKPOINTS)('is the checkpoint %s, as the libraries that saved it compute it', async (name) =>
    expectAsExpected(await testDevice(), name),
  );

  it.each([
    ['a Llama', randomLlama],
    ['a GPT-2', randomGpt2],
  ])('gives all of its memory back: %s', async (_, random) => {
    // One that no other test has left tensors on, some of which share buffers with those of the model.
    using device = await openDevice();
    const use = async (): Promise<number> => {
      using model = await load(device, random(1), 'F32');
      await textOf(model, { prompt: [1, 2, 3], count: 8, choice: { kind: 'greedy' } });
      await model.attentionMaps([1, 2, 3]);
      await model.profileStep(4);
      await device.finished();
      model.dispose();
      return device.memory.allocatedBytes - device.memory.unusedBytes;
    };
    expect(await use()).toBe(0);
    expect(await use()).toBe(0);
  });
});

describe("the demo's own model", () => {
  it('writes on a GPU what it writes on the CPU path', async () => {
    const expected = await referenceTokens('In the beginning', 24);
    const { model, tokenizer } = await loadDemoModel(await testDevice());
    const prompt = tokenizer.encode('In the beginning');
    const tokens = await textOf(model, { prompt, count: 24, choice: { kind: 'greedy' } });
    expect(tokens).toEqual(expected.tokens);
    expect(tokenizer.decode(tokens)).toMatch(/^[\w\s,.:;'!?()-]+$/);
    const sampled = { kind: 'sampled', temperature: 0.8, topK: 40, topP: 0.95, seed: 3 } as const;
    const drawn = await textOf(model, { prompt, count: 12, choice: sampled });
    expect(await textOf(model, { prompt, count: 12, choice: sampled })).toEqual(drawn);

    const profile = await model.profileStep(prompt.length + tokens.length);
    expect(profile?.map(({ label }) => label.split('/')[0])).toEqual(
      expect.arrayContaining(['matmul', 'attention', 'norm', 'writeRows']),
    );
    model.dispose();
  });
});
