// The demo's language models on the CPU path, and the files that they come from.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateMemory, openModelFiles } from '../../demo/model/languageModel.ts';
import { ModelError } from '../../demo/model/modelError.ts';
import { readElements, readSafetensors, widen } from '../../demo/model/safetensors.ts';
import { Tokenizer } from '../../demo/model/tokenizer.ts';
import { encodeSafetensors } from '../../demo/train/safetensors.ts';
import { tokenizerJson } from '../../demo/model/tokenizerJson.ts';
import { trainBytePairs } from '../../demo/train/bytePairs.ts';
import { openDevice } from '../../src/node.ts';
import { expectAsPlain, load, textOf } from '../support/demoModels.ts';
import { fileOf, gpt2Config, llamaConfig, randomGpt2, randomLlama } from '../support/plainTransformer.ts';

const cpu = await openDevice({ backend: 'cpu' });
const greedy = { kind: 'greedy' } as const;

describe('a model on the CPU path', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('is a Llama in %s', (dtype) =>
    expectAsPlain(cpu, randomLlama(1), dtype),
  );
  it('is a Llama with one matrix for both ends', () =>
    expectAsPlain(cpu, randomLlama(2, { tie_word_embeddings: true, eos_token_id: 1000 }), 'F32'));
  it.each(['F32', 'F16', 'BF16'] as const)('is a GPT-2 in %s', (dtype) =>
    expectAsPlain(cpu, randomGpt2(1), dtype),
  );
  it('is a GPT-2 with a matrix for each end', () =>
    expectAsPlain(cpu, randomGpt2(5, { tie_word_embeddings: false }), 'F32'));

  it('draws the same tokens for a seed, and others for another', async () => {
    using model = await load(cpu, randomLlama(1), 'F32');
    const options = (seed: number) => ({
      prompt: [1, 2],
      count: 16,
      choice: { kind: 'sampled', temperature: 1, topK: 1000, topP: 0.95, seed } as const,
    });
    const first = await textOf(model, options(7));
    expect(await textOf(model, options(7))).toEqual(first);
    expect(await textOf(model, options(8))).not.toEqual(first);
  });

  it('stops at the end of its context, at a signal, and refuses prompts without room', async () => {
    using model = await load(cpu, randomLlama(3, { eos_token_id: 1000 }), 'F32');
    expect(await textOf(model, { prompt: [1, 2, 3], count: 1000, choice: greedy })).toHaveLength(48 - 3);
    const controller = new AbortController();
    const made: number[] = [];
    for await (const token of model.generate({
      prompt: [1],
      count: 9,
      choice: greedy,
      signal: controller.signal,
    })) {
      made.push(token);
      if (made.length === 4) controller.abort();
    }
    expect(made).toHaveLength(4);
    await expect(textOf(model, { prompt: [], count: 1, choice: greedy })).rejects.toThrow(/prompt is empty/);
    await expect(
      textOf(model, { prompt: Array<number>(48).fill(1), count: 1, choice: greedy }),
    ).rejects.toThrow(/48 tokens/);
  });
});

describe('files that do not fit', () => {
  const open = (
    tensors: Parameters<typeof encodeSafetensors>[0],
    config: object,
  ): ReturnType<typeof openModelFiles> =>
    openModelFiles(
      [{ name: 'm.safetensors', data: new Blob([encodeSafetensors(tensors)]) }],
      JSON.stringify(config),
    );

  it('names the tensor that is missing, its shape or type, the shards', async () => {
    const whole = randomLlama(1);
    const without = new Map(whole.weights);
    without.delete('model.layers.1.mlp.up_proj.weight');
    const files = await openModelFiles(
      [{ name: 'a', data: fileOf({ ...whole, weights: without }, 'F32') }],
      JSON.stringify(whole.config),
    );
    expect(() => estimateMemory(cpu, files)).toThrow(
      /model\.layers\.1\.mlp\.up_proj\.weight is missing.*drop all/,
    );
    const other = await openModelFiles(
      [{ name: 'a', data: fileOf(whole, 'F32') }],
      JSON.stringify({ ...llamaConfig, intermediate_size: 41 }),
    );
    expect(() => estimateMemory(cpu, other)).toThrow(/gate_proj\.weight has shape \[40, 24\].*\[41, 24\]/);
    const tensors = [...randomGpt2(1).weights].map(([name, { shape, values }]) => ({
      name,
      dtype: 'I8',
      shape,
      bytes: new Uint8Array(values.length),
    }));
    const quantised = await open(tensors, gpt2Config);
    expect(() => estimateMemory(cpu, quantised)).toThrow(/wte\.weight is stored as I8/);
  });

  it('says what it does not run', async () => {
    const config = (change: object): Promise<unknown> => open([], { ...llamaConfig, ...change });
    await expect(config({ model_type: 'mamba' })).rejects.toThrow(/model_type "mamba"/);
    await expect(config({ hidden_act: 'gelu' })).rejects.toThrow(
      /hidden_act: this page computes silu, not gelu/,
    );
    const unscaled = { ...gpt2Config, scale_attn_weights: false };
    await expect(open([], unscaled)).rejects.toThrow(
      /scale_attn_weights: this page computes true, not false/,
    );
    await expect(config({ rope_scaling: { rope_type: 'yarn' } })).rejects.toThrow(/"yarn" is not supported/);
    await expect(config({ num_key_value_heads: 5 })).rejects.toThrow(/no multiple of 5/);
    await expect(config({ vocab_size: -1 })).rejects.toThrow(/vocab_size/);
    await expect(openModelFiles([], '[')).rejects.toThrow(/not JSON/);
    await expect(openModelFiles([])).rejects.toThrow(/config\.json is missing/);
  });

  it('knows what a model will take', async () => {
    const plain = randomGpt2(1);
    const files = await openModelFiles(
      [{ name: 'a', data: fileOf(plain, 'F32') }],
      JSON.stringify(plain.config),
    );
    const { weightBytes, cacheBytes, largestBytes } = estimateMemory(cpu, files);
    // Positions are looked up on the host.
    const elements = [...plain.weights]
      .filter(([name]) => name !== 'wpe.weight')
      .reduce((sum, [, { values }]) => sum + values.length, 0);
    expect(weightBytes).toBe(4 * elements);
    expect(cacheBytes).toBe(2 * 4 * 2 * 24 * 40);
    expect(largestBytes).toBe(4 * 24 * 96);
    const small = { ...cpu.capabilities.limits, maxStorageBufferBindingSize: 4096 };
    const narrow = { capabilities: { ...cpu.capabilities, limits: small } } as typeof cpu;
    expect(() => estimateMemory(narrow, files)).toThrow(/takes 9 KiB, and this adapter binds at most/);
  });

  it('counts matrices that become one tensor as one', async () => {
    const plain = randomLlama(1, { intermediate_size: 100 });
    const files = await openModelFiles(
      [{ name: 'a', data: fileOf(plain, 'F32') }],
      JSON.stringify(plain.config),
    );
    expect(estimateMemory(cpu, files).largestBytes).toBe(4 * 24 * (100 + 100));
  });
});

describe('safetensors', () => {
  it('gives back every number of each type', async () => {
    const plain = randomLlama(4);
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      const tensors = await readSafetensors(fileOf(plain, dtype), 'a');
      for (const [name, { values }] of plain.weights) {
        const { dtype: stored, bits } = await readElements(tensors.get(name)!, name);
        expect(Float64Array.from(widen(stored, bits))).toEqual(values);
      }
    }
  });

  it('answers any bytes with tensors within the file or an error that says why', async () => {
    const file = new Uint8Array(await fileOf(randomGpt2(2), 'F32').arrayBuffer()).slice(0, 4000);
    const attempt = async (bytes: Uint8Array<ArrayBuffer>): Promise<void> => {
      try {
        const tensors = await readSafetensors(new Blob([bytes]), 'a');
        for (const { data, sizeBytes } of tensors.values()) expect(data.size).toBe(sizeBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => attempt(Uint8Array.from(bytes))),
    );
    const place = fc.nat(file.length - 1);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, fc.nat(255))), place, async (changes, end) => {
        const changed = file.slice();
        for (const [at, value] of changes) changed[at] = value;
        await attempt(changed);
        await attempt(changed.slice(0, end));
      }),
    );
    const header = fc.dictionary(
      fc.string(),
      fc.oneof(
        fc.jsonValue(),
        fc.record({
          dtype: fc.constantFrom('F32', 'F16', 'Q4', ''),
          shape: fc.array(fc.oneof(fc.nat(9), fc.double(), fc.constant(2 ** 40))),
          data_offsets: fc.tuple(
            fc.oneof(fc.integer(), fc.double()),
            fc.oneof(fc.nat(99), fc.constant(2 ** 53)),
          ),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(header, async (content) => {
        const json = new TextEncoder().encode(JSON.stringify(content));
        const bytes = new Uint8Array(8 + json.length + 32);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
        bytes.set(json, 8);
        await attempt(bytes);
      }),
    );
  });
});

describe('tokenizers', () => {
  const text = "In the beginning, naïve 日本語 👩🏽‍🚀\r\n\t  and  “quotes” don't 3.14 ";

  it('gives back any text: GPT-2 by tokenizer.json, and by vocab.json with merges.txt alike', () => {
    const pairs = trainBytePairs('In the beginning God created the heaven and the earth. the the', 300);
    const one = new Tokenizer({ tokenizer: JSON.stringify(tokenizerJson(pairs)) });
    const two = new Tokenizer({
      vocabulary: JSON.stringify(pairs.vocabulary),
      merges: `#version: 0.2\n${pairs.merges.map((pair) => pair.join(' ')).join('\n')}\n`,
    });
    expect(one.decode(one.encode(text))).toBe(text);
    expect(two.encode(text)).toEqual(one.encode(text));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(one.decode(one.encode(any))).toBe(any);
      }),
    );
    const tokens = one.encode('the 日本');
    expect(one.pieces(tokens).join('')).toBe('the 日本');
    expect(one.pieces(tokens)).toHaveLength(tokens.length);
  });

  it('gives back any text: Llama, with bytes for what is not in its vocabulary', () => {
    const words = ['▁', 't', 'h', 'e', '▁t', 'he', '▁the', 'a', 'n', 'd'];
    const bytes = Array.from(
      { length: 256 },
      (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`,
    );
    const vocab = Object.fromEntries(
      ['<unk>', '<s>', '</s>', ...bytes, ...words].map((token, id) => [token, id]),
    );
    const tokenizer = new Tokenizer({
      tokenizer: JSON.stringify({
        version: '1.0',
        added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => ({
          id,
          content,
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
          special: true,
        })),
        normalizer: {
          type: 'Sequence',
          normalizers: [
            { type: 'Prepend', prepend: '▁' },
            { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
          ],
        },
        pre_tokenizer: null,
        post_processor: null,
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
            { type: 'ByteFallback' },
            { type: 'Fuse' },
            { type: 'Strip', content: ' ', start: 1, stop: 0 },
          ],
        },
        model: {
          type: 'BPE',
          unk_token: '<unk>',
          fuse_unk: true,
          byte_fallback: true,
          vocab,
          merges: ['▁ t', 'h e', '▁t he'],
        },
      }),
    });
    expect(tokenizer.encode('the and')).toEqual(['▁the', '▁', 'a', 'n', 'd'].map((token) => vocab[token]));
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('says what is wrong with its files', () => {
    expect(() => new Tokenizer({})).toThrow(/tokenizer is missing/);
    expect(() => new Tokenizer({ tokenizer: '[]' })).toThrow(/not the JSON of an object/);
    expect(() => new Tokenizer({ tokenizer: '{}' })).toThrow(ModelError);
    expect(() => new Tokenizer({ tokenizer: '{"model":{"type":"Wrong"}}' })).toThrow(ModelError);
    expect(() => new Tokenizer({ vocabulary: '{"a":-1}', merges: '' })).toThrow(/vocab\.json/);
    expect(() => new Tokenizer({ vocabulary: '{"a":1}', merges: 'a b c' })).toThrow(/merges\.txt/);
  });
});
