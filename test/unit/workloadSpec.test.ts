import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../bench/exitCodes.ts';
import { parseWorkload } from '../../bench/commands/workloadSpec.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('parseWorkload', () => {
  it('reads products', () => {
    expect(parseWorkload('matmul:4096x1024x512,dtype=bf16,batch=2')).toMatchObject({
      kind: 'operation',
      operation: {
        name: 'matmul 4096 x 1024 x 512 x 2',
        dtype: 'bf16',
        unit: 'bf16Tensor',
        flops: 2 * 2 * 4096 * 1024 * 512,
        bytes: 2 * 2 * (4096 * 512 + 512 * 1024 + 4096 * 1024),
        shape: { kind: 'matmul', m: 4096, n: 1024, k: 512, batch: 2 },
      },
    });
  });

  it('reads attention, as many keys as queries unless told otherwise', () => {
    expect(parseWorkload('attention:heads=32,kv=8,q=2048,causal')).toMatchObject({
      operation: {
        shape: { heads: 32, kvHeads: 8, seqLenQ: 2048, seqLenKv: 2048, headDim: 128, causal: true },
      },
    });
    expect(parseWorkload('attention:q=1,k=4096')).toMatchObject({
      operation: { shape: { kvHeads: 32, seqLenQ: 1, seqLenKv: 4096, causal: false } },
    });
  });

  it('reads streams', () => {
    expect(parseWorkload('stream:1e9')).toMatchObject({ operation: { bytes: 1e9, unit: 'fp32' } });
  });

  it('reads transformers', () => {
    expect(parseWorkload('llama-3.1-8b')).toMatchObject({
      kind: 'transformer',
      workload: { weights: 'f16', kvBytes: 2, inputTokens: 1024, outputTokens: 256, phase: 'serve' },
    });
    expect(
      parseWorkload('Mixtral-8x7B:weights=fp8,kv=fp8,in=10,out=20,batch=3,ways=2,phase=decode'),
    ).toMatchObject({
      workload: {
        name: 'mixtral-8x7b, fp8, decode, 10 in, 20 out, 3 at once',
        weights: 'fp8',
        kvBytes: 1,
        inputTokens: 10,
        outputTokens: 20,
        batch: 3,
        ways: 2,
      },
    });
  });

  it('takes weights as they were published, unless another format is asked for', () => {
    expect(parseWorkload('deepseek-v3')).toMatchObject({ workload: { weights: 'fp8' } });
    expect(parseWorkload('deepseek-v3:weights=fp4')).toMatchObject({ workload: { weights: 'fp4' } });
  });

  it("reads a model's config.json", () => {
    const config = { n_layer: 12, n_embd: 768, n_head: 12, vocab_size: 50257 };
    const path = file('gpt2.json', JSON.stringify(config));
    expect(parseWorkload(`${path}:phase=prefill`)).toMatchObject({
      workload: { model: { name: 'gpt2', layers: 12 }, phase: 'prefill', outputTokens: 0 },
    });
  });

  it.each([
    ['lama-3.1-8b', 'nearest: llama-3.1-8b'],
    ['matmull:1x1x1', 'nearest: matmul'],
    ['matmul', 'expected M x N x K'],
    ['matmul:0x1x1', 'M x N x K is "0"'],
    ['matmul:1x1x1,dtype=f17', 'nearest: f16'],
    ['attention:heads=many', 'heads is "many", expected a whole number of at least 1'],
    ['attention:q=4,q=5', 'q is given twice'],
    ['stream:lots', 'expected a number of bytes'],
    ['llama-3.1-8b:batch=0', 'batch is "0"'],
    ['llama-3.1-8b:phase=prefil', 'nearest: prefill'],
    ['llama-3.1-8b:beams=2', 'what is "beams"?'],
    ['/nowhere/config.json', 'cannot be read as JSON'],
  ])('refuses %s', (spec, message) => {
    expect(() => parseWorkload(spec)).toThrow(UsageError);
    expect(() => parseWorkload(spec)).toThrow(message);
  });

  it('says which field of a config.json is missing', () => {
    const path = file('part.json', '{"hidden_size":4096}');
    expect(() => parseWorkload(path)).toThrow('the field "num_attention_heads" or "n_head" is missing');
    expect(() => parseWorkload(file('text.json', 'weights'))).toThrow('cannot be read as JSON');
  });
});
