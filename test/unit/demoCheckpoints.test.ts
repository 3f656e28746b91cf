// The demo's loader, tokenizer and models against Hugging Face's, on checkpoints that those have saved.
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../demo/model/config.ts';
import { openDropped } from '../../demo/model/sources.ts';
import { openDevice } from '../../src/node.ts';
import { CHECKPOINTS, expectAsExpected, expectedOf, filesOf } from '../support/checkpoints.ts';

const cpu = await openDevice({ backend: 'cpu' });

describe.each(CHECKPOINTS)('%s', (name) => {
  it('has the same tokens, and the same text of them', async () => {
    const { tokenizer } = await openDropped(await filesOf(name));
    for (const { text, tokens, decoded } of expectedOf(name).texts) {
      expect(tokenizer.encode(text)).toEqual(tokens);
      expect(tokenizer.decode(tokens)).toBe(decoded);
      expect(tokenizer.pieces(tokens).join('')).toBe(decoded);
    }
  });

  it('gives the same logits, and the same text, on the CPU path', () => expectAsExpected(cpu, name));
});

it('reads rope_scaling as older libraries write it', async () => {
  const files = await filesOf('llama3-bf16-sharded');
  const text = await files.find(({ name }) => name === 'config.json')!.text();
  const { rope_parameters: rope, ...others } = JSON.parse(text) as {
    rope_parameters: { rope_theta: number };
  };
  const { rope_theta, ...rope_scaling } = rope;
  expect(readConfig(JSON.stringify({ ...others, rope_theta, rope_scaling }))).toEqual(readConfig(text));
});
