// What trains the demo's model: its gradients against differences of the loss, its vocabulary, its file.
import { Tokenizer } from '@huggingface/tokenizers';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { openDevice } from 'tilewise';
import { AdamW } from '../../demo/train/adamW.ts';
import { tokenizerJson } from '../../demo/model/tokenizerJson.ts';
import { trainBytePairs } from '../../demo/train/bytePairs.ts';
import { initialParameters, type TrainedConfig } from '../../demo/train/parameters.ts';
import { readVerses } from '../../demo/train/text.ts';
import { TrainingStep } from '../../demo/train/trainingStep.ts';

const config: TrainedConfig = {
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 5,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
};
const windows = {
  tokens: Uint32Array.of(1, 2, 3, 4, 5, 10, 9, 1, 1, 0),
  next: Uint32Array.of(2, 3, 4, 5, 6, 9, 1, 1, 0, 7),
};

describe('the training step', () => {
  it('gives the gradients of the loss by every parameter', async () => {
    const device = await openDevice({ backend: 'cpu' });
    const parameters = initialParameters(config, 3);
    const step = new TrainingStep(device, config, parameters, { batch: 2, seqLen: 5 });
    const { gradients } = await step.run(windows);
    expect(gradients.size).toBe(parameters.length);
    const random = xoroshiro128plus(5);
    for (const { name, values } of parameters) {
      // Along one direction, in which every element takes part.
      const direction = Float64Array.from(values, () => 2 * uniformFloat64(random) - 1);
      const before = Float32Array.from(values);
      const along = async (distance: number): Promise<number> => {
        for (let i = 0; i < values.length; i++) values[i] = before[i]! + distance * direction[i]!;
        return (await step.run(windows)).loss;
      };
      const distance = 1e-3;
      const difference = ((await along(distance)) - (await along(-distance))) / (2 * distance);
      values.set(before);
      const slope = gradients.get(name)!.reduce((total, value, i) => total + value * direction[i]!, 0);
      // The loss is stored in f32, and the third derivative is not zero.
      expect(Math.abs(slope - difference), `${name}: ${slope} and ${difference}`).toBeLessThan(
        5e-4 + 2e-3 * Math.abs(slope),
      );
    }
  });

  it('learns windows by heart', async () => {
    const device = await openDevice({ backend: 'cpu' });
    const parameters = initialParameters(config, 4);
    const step = new TrainingStep(device, config, parameters, { batch: 2, seqLen: 5 });
    const optimizer = new AdamW();
    const options = {
      learningRate: 1e-2,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0.1,
      maxNorm: 1,
    };
    const first = await step.run(windows);
    for (let i = 0; i < 40; i++) optimizer.step(parameters, (await step.run(windows)).gradients, options);
    expect((await step.run(windows)).loss).toBeLessThan(0.25 * first.loss);
  });
});

describe('the vocabulary', () => {
  it('joins the most frequent pairs, within words, and gives back any text', () => {
    const pairs = trainBytePairs('the then there, the theme', 265);
    expect(pairs.merges.slice(0, 2)).toEqual([
      ['t', 'h'],
      ['th', 'e'],
    ]);
    const tokenizer = new Tokenizer(tokenizerJson(pairs), {});
    const text = 'the théme 👍🏽\n\tthere';
    const { ids } = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.encode('the').tokens).toEqual(['the']);
  });

  it('reads what prints the text', () => {
    expect(readVerses('Ge1:1 In the beginning\nGe1:2 And the earth\nGe2:1 Thus\n')).toBe(
      'In the beginning\nAnd the earth\n\nThus\n',
    );
    expect(() => readVerses('Hit ? for help.')).toThrow(/no verse/);
  });
});
