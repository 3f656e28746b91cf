import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAccelerator } from '../../bench/catalog/index.ts';
import type { Accelerator } from '../../bench/catalog/index.ts';
import {
  acceleratorInstance,
  estimateTransformers,
  findInstances,
  instances,
  MODELS,
  parameterCount,
  parseAccelerator,
  parseModelConfig,
} from '../../bench/estimate/index.ts';
import type { TransformerModel, TransformerRow, TransformerWorkload } from '../../bench/estimate/index.ts';
import { VENDOR_PARAMETERS } from '../../bench/estimate/model/vendor.ts';
import { bestOnInstance } from '../../bench/estimate/transformer/arrange.ts';
import { activeParameterCount, kvBytes } from '../../bench/estimate/transformer/model.ts';
import { acceleratorsNeeded, memoryFit, replicaThroughput } from '../../bench/estimate/transformer/serve.ts';
import { stepTime, unitFor } from '../../bench/estimate/transformer/step.ts';
import type { StepPart } from '../../bench/estimate/transformer/step.ts';

const TODAY = '2026-11-23';

function model(name: string): TransformerModel {
  const found = MODELS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(name);
  return found;
}

function accelerator(id: string): Accelerator {
  const found = findAccelerator(id);
  if (!found) throw new Error(id);
  return found;
}

function serve(name: string, rest: Partial<TransformerWorkload> = {}): TransformerWorkload {
  return { name, model: model(name), weights: 'f16', inputTokens: 1024, outputTokens: 256, ...rest };
}

function rowsOn(instanceType: string, workload: TransformerWorkload): readonly TransformerRow[] {
  const { matches } = findInstances(instanceType);
  return estimateTransformers({ workloads: [workload], today: TODAY, instances: matches }).rows;
}

describe('models', () => {
  it.each([
    // As their model cards print them, in billions.
    ['llama-3.1-8b', 8.03],
    ['llama-3.1-70b', 70.6],
    ['llama-3.1-405b', 406],
    ['llama-2-70b', 69],
    ['mistral-7b', 7.24],
    ['mixtral-8x7b', 46.7],
    ['mixtral-8x22b', 141],
    ['qwen2.5-7b', 7.61],
    ['qwen2.5-72b', 72.7],
    ['qwen3-8b', 8.19],
    ['qwen3-30b-a3b', 30.5],
    ['qwen3-235b-a22b', 235],
    ['gpt-oss-20b', 20.9],
    ['gpt-oss-120b', 117],
    ['gpt-j-6b', 6.05],
    ['deepseek-v3', 671],
  ])('%s has %f billion weights', (name, billions) => {
    expect(parameterCount(model(name)) / 1e9 / billions).toBeCloseTo(1, 2);
  });

  it('leave 128 KiB a token in the cache of Llama-3.1-8B', () => {
    expect(kvBytes(model('llama-3.1-8b'), 2, 1)).toBe(2 * 32 * 8 * 128 * 2);
  });

  it.each([
    // As their model cards print them, in billions.
    ['mixtral-8x7b', 12.9],
    ['deepseek-v3', 37],
    ['qwen3-235b-a22b', 22],
    ['gpt-oss-120b', 5.1],
    ['llama-3.1-8b', 7.5],
  ])('a token of %s is multiplied with %f billion weights', (name, billions) => {
    expect(activeParameterCount(model(name)) / 1e9 / billions).toBeCloseTo(1, 1);
  });

  it('leave one compressed vector a token where attention is latent', () => {
    expect(kvBytes(model('deepseek-v3'), 2, 1000)).toBe(61 * (512 + 64) * 2 * 1000);
  });

  it('keep no more than a window', () => {
    const mistral = model('mistral-7b');
    expect(kvBytes(mistral, 2, 4096)).toBe(131072 * 4096);
    expect(kvBytes(mistral, 2, 40960)).toBe(131072 * 4096);
    const half = { ...mistral, sliding: { layers: 16, window: 4096 } };
    expect(kvBytes(half, 2, 40960)).toBe((131072 * (4096 + 40960)) / 2);
  });
});

describe('parseModelConfig', () => {
  const llama = {
    num_hidden_layers: 32,
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
  };

  it('reads Llama', () => {
    const { source: _source, ...read } = parseModelConfig(llama, 'llama-3.1-8b');
    const { source: _ours, ...ours } = model('llama-3.1-8b');
    expect(read).toEqual(ours);
  });

  it('reads GPT-2, whose names differ and whose feed-forward layer is four times its width', () => {
    const gpt2 = { n_layer: 12, n_embd: 768, n_head: 12, n_inner: null, vocab_size: 50257 };
    expect(parseModelConfig(gpt2, 'gpt2')).toMatchObject({
      headDim: 64,
      feedForward: 3072,
      gated: false,
      kvHeads: 12,
    });
  });

  // What their config.json says of them, and how many weights their model cards print, in billions.
  const heads = (count: number, kvHeads?: number): object => ({
    num_attention_heads: count,
    ...(kvHeads !== undefined && { num_key_value_heads: kvHeads }),
  });
  const sizes = (layers: number, hidden: number, vocabulary: number): object => ({
    num_hidden_layers: layers,
    hidden_size: hidden,
    vocab_size: vocabulary,
  });
  it.each([
    ['gpt2', 0.124, { n_layer: 12, n_embd: 768, n_head: 12, vocab_size: 50257 }],
    ['phi', 2.78, { ...sizes(32, 2560, 51200), ...heads(32), intermediate_size: 10240 }],
    ['gpt_neox', 6.86, { ...sizes(32, 4096, 50432), ...heads(32), intermediate_size: 16384 }],
    ['opt', 6.66, { ...sizes(32, 4096, 50272), ...heads(32), ffn_dim: 16384 }],
    ['falcon', 6.92, { ...sizes(32, 4544, 65024), ...heads(71), multi_query: true }],
    ['starcoder2', 7.17, { ...sizes(32, 4608, 49152), ...heads(36, 4), intermediate_size: 18432 }],
    ['gemma', 2.51, { ...sizes(18, 2048, 256000), ...heads(8, 1), head_dim: 256, intermediate_size: 16384 }],
    [
      'gemma2',
      9.24,
      { ...sizes(42, 3584, 256000), ...heads(16, 8), head_dim: 256, intermediate_size: 14336 },
    ],
  ])('knows what %s leaves unsaid: %f billion weights', (family, billions, config) => {
    const read = parseModelConfig({ model_type: family, ...config }, family);
    expect(parameterCount(read) / 1e9 / billions).toBeCloseTo(1, 2);
  });

  it('knows the defaults of Gemma 3, whose files leave most fields out', () => {
    // google/gemma-3-4b-it: 3.88 billion weights for text, 29 of 34 layers with a window.
    const text = { hidden_size: 2560, intermediate_size: 10240, num_hidden_layers: 34, sliding_window: 1024 };
    const read = parseModelConfig({ text_config: { model_type: 'gemma3_text', ...text } }, 'gemma');
    expect(parameterCount(read) / 3.88e9).toBeCloseTo(1, 2);
    expect(read.sliding).toEqual({ layers: 29, window: 1024 });
    const large = { ...text, num_attention_heads: 32, num_key_value_heads: 16, head_dim: 128 };
    const other = parseModelConfig({ text_config: { model_type: 'gemma3_text', ...large } }, 'gemma');
    expect(other).toMatchObject({ heads: 32, kvHeads: 16, headDim: 128 });
  });

  it.each([
    // Scout has experts in every layer, Maverick in every second.
    ['Scout', 108, { num_local_experts: 16, interleave_moe_layer_step: 1 }],
    ['Maverick', 400, { num_local_experts: 128, interleave_moe_layer_step: 2 }],
  ])('reads Llama 4 %s: %f billion weights', (name, billions, experts) => {
    const text = {
      model_type: 'llama4_text',
      ...sizes(48, 5120, 202048),
      ...heads(40, 8),
      head_dim: 128,
      intermediate_size: 8192,
      intermediate_size_mlp: 16384,
      num_experts_per_tok: 1,
      ...experts,
    };
    const read = parseModelConfig({ text_config: text }, name);
    expect(parameterCount(read) / 1e9 / billions).toBeCloseTo(1, 2);
  });

  it.each([
    [{ quant_method: 'awq', bits: 4 }, 'q4'],
    [{ quant_method: 'gptq', bits: 8 }, 'int8'],
    [{ quant_method: 'fp8', activation_scheme: 'dynamic' }, 'fp8'],
    [{ quant_method: 'mxfp4' }, 'fp4'],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'fp4'],
    [{ quant_method: 'bitsandbytes', load_in_4bit: true }, 'q4'],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { g: { weights: { num_bits: 8, type: 'float' } } },
      },
      'fp8',
    ],
    [{ quant_method: 'quip' }, undefined],
  ])('reads which format weights are in: %j', (quantization, format) => {
    const config = { ...llama, quantization_config: quantization };
    expect(parseModelConfig(config, 'm').weights).toBe(format);
    // It stands beside the text_config of a model of several kinds of data.
    const around = { text_config: llama, quantization_config: quantization };
    expect(parseModelConfig(around, 'm').weights).toBe(format);
  });

  it('reads mixtures of experts', () => {
    const mixtral = { ...llama, vocab_size: 32000, num_local_experts: 8, num_experts_per_tok: 2 };
    expect(parameterCount(parseModelConfig(mixtral, 'm'))).toBe(parameterCount(model('mixtral-8x7b')));
    const qwen = { ...llama, num_experts: 128, num_experts_per_tok: 8, moe_intermediate_size: 768 };
    expect(parseModelConfig(qwen, 'q')).toMatchObject({
      feedForward: 768,
      experts: { count: 128, active: 8 },
    });
  });

  const deepseek = {
    num_hidden_layers: 61,
    hidden_size: 7168,
    num_attention_heads: 128,
    num_key_value_heads: 128,
    intermediate_size: 18432,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_experts_per_tok: 8,
    first_k_dense_replace: 3,
    kv_lora_rank: 512,
    q_lora_rank: 1536,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    quantization_config: { quant_method: 'fp8' },
    vocab_size: 129280,
  };

  it('reads latent attention, shared experts and dense first layers', () => {
    const { source: _source, ...read } = parseModelConfig(deepseek, 'deepseek-v3');
    const { source: _ours, ...ours } = model('deepseek-v3');
    expect(read).toEqual(ours);
    expect(() => parseModelConfig({ ...deepseek, v_head_dim: undefined }, 'x')).toThrow(
      '"v_head_dim" is missing',
    );
  });

  it.each([
    ['Mistral: all layers', { sliding_window: 4096 }, { layers: 32, window: 4096 }],
    ['Qwen 2 with its window off', { sliding_window: 4096, use_sliding_window: false }, undefined],
    [
      'Qwen 2 with its window on: the last layers',
      { sliding_window: 4096, use_sliding_window: true, max_window_layers: 28 },
      { layers: 4, window: 4096 },
    ],
    ['Gemma 2: every second', { sliding_window: 4096, model_type: 'gemma2' }, { layers: 16, window: 4096 }],
    ['Gemma 3: five of six', { sliding_window: 512, sliding_window_pattern: 6 }, { layers: 27, window: 512 }],
    [
      'layers as they are listed',
      { sliding_window: 128, layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'] },
      { layers: 2, window: 128 },
    ],
    ['none', { sliding_window: null }, undefined],
  ])('reads windows of %s', (_family, fields, sliding) => {
    expect(parseModelConfig({ ...llama, ...fields }, 'x').sliding).toEqual(sliding);
  });

  it('reads the text part of a model of several kinds of data', () => {
    expect(parseModelConfig({ text_config: llama }, 'x').layers).toBe(32);
  });

  it.each([
    ['a list', [], 'expected the object'],
    ['no layers', { ...llama, num_hidden_layers: undefined }, '"num_hidden_layers" or "n_layer" is missing'],
    [
      'no layers in the text part',
      { text_config: { ...llama, vocab_size: undefined } },
      '"text_config.vocab_size" is missing',
    ],
    ['a size that is text', { ...llama, hidden_size: '4096' }, '"hidden_size" must be a number'],
    ['a size of zero', { ...llama, hidden_size: 0 }, 'must be at least 1'],
    ['heads that do not divide', { ...llama, num_attention_heads: 33 }, '33 heads do not divide'],
    ['key heads that do not divide', { ...llama, num_key_value_heads: 7 }, 'cannot share 7 key'],
    [
      'experts without a number of active ones',
      { ...llama, num_local_experts: 8 },
      '"num_experts_per_tok" or "experts_per_token" is missing',
    ],
  ])('refuses %s', (_what, config, message) => {
    expect(() => parseModelConfig(config, 'config.json')).toThrow(RangeError);
    expect(() => parseModelConfig(config, 'config.json')).toThrow(message);
  });
});

describe('more accelerators a replica than an instance has', () => {
  it('are refused instead of borrowed', () => {
    const [row] = rowsOn('p5.48xlarge', serve('llama-3.1-8b', { ways: 16 }));
    expect(row).toMatchObject({ fits: false, tokensPerSecond: null });
    expect(row!.explanation.formula).toContain('16 accelerators a replica, where there are 8');
    expect(rowsOn('p5.48xlarge', serve('llama-3.1-8b', { ways: 8 }))[0]!.fits).toBe(true);
  });
});

describe('parseAccelerator', () => {
  const own = { name: 'My GPU', vendor: 'NVIDIA', peakTflops: { fp32: 10, fp16Tensor: 40 }, memoryGb: 16 };

  it('takes what is left out for unknown', () => {
    const read = parseAccelerator(own, 'gpu.json');
    expect(read).toMatchObject({ id: 'my-gpu', webgpu: 'unverified', source: 'gpu.json', memoryGb: 16 });
    expect(read.boardWatts).toBeUndefined();
    expect(read.peakTflops.fp8Tensor).toBeUndefined();
  });

  it.each([
    ['no name', { ...own, name: undefined }, 'the field "name" is missing'],
    ['no rates', { ...own, peakTflops: undefined }, 'the field "peakTflops" is missing'],
    ['a field that there is not', { ...own, tflops: 40 }, '"tflops" is no field of an accelerator'],
    ['a rate of zero', { ...own, peakTflops: { fp32: 0 } }, '"peakTflops.fp32" must be above 0'],
    ['a figure that is text', { ...own, memoryGb: '16' }, '"memoryGb" must be a number'],
    ['text', 'My GPU', 'must be an object'],
  ])('refuses %s', (_what, json, message) => {
    expect(() => parseAccelerator(json, 'gpu.json')).toThrow(RangeError);
    expect(() => parseAccelerator(json, 'gpu.json')).toThrow(message);
  });

  it('makes one that can be estimated', () => {
    const accelerator = parseAccelerator({ ...own, memoryGigabytesPerSecond: 500 }, 'gpu.json');
    const [row] = estimateTransformers({
      workloads: [serve('llama-3.1-8b', { weights: 'q4' })],
      today: TODAY,
      accelerators: [accelerator],
      instances: [acceleratorInstance(accelerator)],
    }).rows;
    expect(row).toMatchObject({ provider: 'own', instanceType: '1 x My GPU', usdPerHour: null, watts: null });
    expect(row!.tokensPerSecond).toBeGreaterThan(0);
  });
});

describe('memory', () => {
  it('holds weights and cache, worked by hand for Llama-3.1-8B on 80 GB', () => {
    const { weightBytes, kvBytesPerRequest, usableBytes, requests } = memoryFit(serve('llama-3.1-8b'), 80, 1);
    expect(weightBytes).toBe(2 * 8029995008);
    expect(kvBytesPerRequest).toBe(131072 * (1024 + 256 + 1));
    expect(usableBytes).toBe(72e9);
    expect(requests).toBe(Math.floor((72e9 - 16059990016) / 167903232));
  });

  it('says how many accelerators a model needs', () => {
    expect(acceleratorsNeeded(serve('llama-3.1-405b'), 80)).toBe(16);
    expect(acceleratorsNeeded(serve('llama-3.1-405b', { weights: 'fp8' }), 80)).toBe(8);
    expect(acceleratorsNeeded(serve('llama-3.1-8b'), 24)).toBe(1);
    expect(acceleratorsNeeded(serve('llama-3.1-8b', { batch: 1000 }), 24)).toBe(16);
  });

  it('that is too small is told apart from what is unknown', () => {
    const tooSmall = rowsOn('g6.xlarge', serve('llama-3.1-70b'))[0]!;
    expect(tooSmall).toMatchObject({ fits: false, acceleratorsNeeded: 8, tokensPerSecond: null });
    expect(tooSmall.explanation.formula).toContain('do not fit into 22 GB; 8 x NVIDIA L4 would hold them');
    const unknown = rowsOn('p2.xlarge', serve('llama-3.1-8b'))[0]!;
    expect(unknown).toMatchObject({ fits: null, tokensPerSecond: null });
  });

  it('of several accelerators is shared', () => {
    const row = rowsOn('p5.48xlarge', serve('llama-3.1-405b', { weights: 'fp8' }))[0]!;
    expect(row).toMatchObject({ fits: true, acceleratorsPerReplica: 8, replicas: 1 });
  });
});

describe('a pass', () => {
  const h100 = accelerator('nvidia-h100-sxm');
  const replica = { weights: 'f16', kvBytes: 2, accelerator: h100, share: 1 } as const;
  const decode = { decoding: 1, contextLength: 1024, prompts: 0, promptLength: 0 };

  it('of one token reads all weights: about the memory at the share that is reached', () => {
    const step = stepTime({ ...replica, model: model('llama-3.1-8b'), ways: 1 }, decode, VENDOR_PARAMETERS)!;
    // The embedding is looked up, not read: 7.5 of the 8.03 billion weights.
    const weightsNs = (2 * (8029995008 - 128256 * 4096)) / 3350 / VENDOR_PARAMETERS.matmulStream;
    expect(step.totalNs).toBeGreaterThan(weightsNs);
    expect(step.totalNs).toBeLessThan(1.5 * weightsNs);
  });

  it('is the sum of its parts, two all-reduces a layer among them', () => {
    const step = stepTime({ ...replica, model: model('llama-3.1-70b'), ways: 8 }, decode, VENDOR_PARAMETERS)!;
    const total = step.parts.reduce((sum, { count, ns }) => sum + count * ns, 0);
    expect(step.totalNs).toBeCloseTo(total, 3);
    const exchange = step.parts.find(({ name }) => name === 'all-reduce');
    expect(exchange?.count).toBe(160);
    expect(exchange?.ns).toBeCloseTo(14 * 2920 + (2 * 8192 * 1.75) / (450 * 0.801), 3);
    const host = step.parts.find(({ name }) => name === 'waiting for the host');
    expect(host).toMatchObject({ count: 1, ns: 580_000 / 64 });
  });

  it('of many tokens costs little more than of one, until arithmetic binds', () => {
    const time = (decoding: number): number =>
      stepTime(
        { ...replica, model: model('llama-3.1-8b'), ways: 1 },
        { ...decode, decoding },
        VENDOR_PARAMETERS,
      )!.totalNs;
    expect(time(16) / time(1)).toBeLessThan(1.3);
    expect(time(1024) / time(16)).toBeGreaterThan(3);
  });

  it('attends to a window at most', () => {
    const time = (name: string, contextLength: number): number =>
      stepTime(
        { ...replica, model: model(name), ways: 1 },
        { ...decode, decoding: 64, contextLength },
        VENDOR_PARAMETERS,
      )!.totalNs;
    expect(time('mistral-7b', 32768)).toBe(time('mistral-7b', 4096));
    expect(time('mistral-7b', 2048)).toBeLessThan(time('mistral-7b', 4096));
    expect(time('llama-3.1-8b', 32768)).toBeGreaterThan(2 * time('llama-3.1-8b', 4096));
  });

  it('reads latent keys and values once for all heads', () => {
    const contextLength = 100_000;
    const { parts } = stepTime(
      { ...replica, model: model('deepseek-v3'), weights: 'fp8', ways: 8 },
      { ...decode, contextLength },
      VENDOR_PARAMETERS,
    )!;
    const attention = parts.find(({ name }) => name === 'attention of tokens')!;
    const bytes = 2 * contextLength * 576;
    const leastNs = bytes / replica.accelerator.memoryGigabytesPerSecond!;
    expect(attention.count).toBe(61);
    expect(attention.ns - VENDOR_PARAMETERS.attentionNs).toBeGreaterThan(leastNs);
    expect(attention.ns - VENDOR_PARAMETERS.attentionNs).toBeLessThan(2 * leastNs);
    expect(parts.map(({ name }) => name.split(',')[0])).toContain('shared expert');
    expect(parts.find(({ name }) => name.startsWith('dense feed-forward, in'))?.count).toBe(3);
  });

  it('reads only the experts that tokens go to', () => {
    const time = (decoding: number): number =>
      stepTime(
        { ...replica, model: model('mixtral-8x7b'), ways: 2 },
        { ...decode, decoding },
        VENDOR_PARAMETERS,
      )!.totalNs;
    // One token goes to 2 of 8 experts, 64 tokens to all of them.
    expect(time(64) / time(1)).toBeGreaterThan(2);
  });

  it('copies every token to its experts, and adds their results up', () => {
    const { layers, hidden } = model('qwen3-30b-a3b');
    const moved = (name: string): StepPart | undefined =>
      stepTime(
        { ...replica, model: model(name), ways: 1 },
        { ...decode, decoding: 4096 },
        VENDOR_PARAMETERS,
      )!.parts.find((part) => part.name === 'tokens to experts and back');
    const bytes = 4096 * 2 * (1 + 8 + 8 + 1) * hidden;
    const { count, ns } = moved('qwen3-30b-a3b')!;
    expect(count).toBe(layers);
    expect(ns).toBeCloseTo(bytes / 3350 / VENDOR_PARAMETERS.stream + 3 * 3000, 3);
    expect(moved('deepseek-v3')?.count).toBe(58);
    expect(moved('qwen3-8b')).toBeUndefined();
  });

  it('multiplies in 16 bits where an accelerator has no unit for the weights', () => {
    expect(unitFor('fp8', accelerator('nvidia-a100-sxm-80'))).toBe('fp16Tensor');
    expect(unitFor('fp8', h100)).toBe('fp8Tensor');
    expect(unitFor('q4', h100)).toBe('fp16Tensor');
    expect(unitFor('f16', accelerator('google-tpu-v4'))).toBe('bf16Tensor');
    const step = stepTime(
      {
        ...replica,
        weights: 'fp8',
        accelerator: accelerator('nvidia-a100-sxm-80'),
        model: model('llama-3.1-8b'),
        ways: 1,
      },
      decode,
      VENDOR_PARAMETERS,
    )!;
    expect(step.assumptions[0]).toContain('no unit for fp8 weights');
  });
});

describe('throughput', () => {
  const h100 = accelerator('nvidia-h100-sxm');

  it('is batch by pass, and the prompts of as many requests as end are read in it', () => {
    const workload = serve('llama-3.1-8b', { batch: 64, inputTokens: 128, outputTokens: 8 });
    const result = replicaThroughput(workload, { accelerator: h100, ways: 1, share: 1 }, VENDOR_PARAMETERS);
    if ('missing' in result) throw new Error(result.missing);
    expect(result.tokensPerSecond).toBeCloseTo(64e9 / result.step.totalNs, 6);
    expect(result.step.parts.some(({ name }) => name.includes('1,088 x 6,144 x 4,096'))).toBe(true);
    // Published for this: 2640 tokens/s (github Azure/AI-benchmarking-guide@8fd0c6e1).
    expect(result.tokensPerSecond / 2640).toBeGreaterThan(0.7);
    expect(result.tokensPerSecond / 2640).toBeLessThan(1.4);
  });

  it('of prefill counts the tokens of prompts', () => {
    const workload = serve('llama-3.1-8b', { phase: 'prefill', outputTokens: 0, batch: 4 });
    const result = replicaThroughput(workload, { accelerator: h100, ways: 1, share: 1 }, VENDOR_PARAMETERS);
    if ('missing' in result) throw new Error(result.missing);
    expect(result.tokensPerSecond).toBeCloseTo((4 * 1024 * 1e9) / result.step.totalNs, 6);
  });

  it('takes the arrangement that yields most', () => {
    const best = bestOnInstance(serve('llama-3.1-70b', { weights: 'fp8' }), h100, 8, VENDOR_PARAMETERS);
    if ('missing' in best) throw new Error(best.missing);
    for (const ways of [1, 2, 4, 8]) {
      const other = bestOnInstance(
        serve('llama-3.1-70b', { weights: 'fp8', ways }),
        h100,
        8,
        VENDOR_PARAMETERS,
      );
      if ('missing' in other) continue;
      expect(best.tokensPerSecond * best.replicas).toBeGreaterThanOrEqual(
        other.tokensPerSecond * other.replicas,
      );
    }
  });

  it('grows with the batch, and so does the time between tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (a, b) => {
        const at = (batch: number): { readonly rate: number; readonly ns: number } => {
          const workload = serve('llama-3.1-8b', { batch });
          const result = replicaThroughput(
            workload,
            { accelerator: h100, ways: 1, share: 1 },
            VENDOR_PARAMETERS,
          );
          if ('missing' in result) throw new Error(result.missing);
          return { rate: result.tokensPerSecond, ns: result.step.totalNs };
        };
        const [less, more] = [at(Math.min(a, b)), at(Math.max(a, b))];
        // Tiles and waves make small steps.
        expect(more.rate).toBeGreaterThanOrEqual(0.9 * less.rate);
        expect(more.ns).toBeGreaterThanOrEqual(0.9 * less.ns);
      }),
      { numRuns: 50 },
    );
  });
});

describe('rows', () => {
  const workload = serve('llama-3.1-8b', { weights: 'fp8' });
  const { rows, notices } = estimateTransformers({ workloads: [workload], today: TODAY });

  it('are one for each instance type, best for the money first, unknown last', () => {
    expect(rows).toHaveLength(instances.length);
    const known = rows.flatMap(({ tokensPerUsd }) => tokensPerUsd ?? []);
    expect(known).toEqual([...known].sort((a, b) => b - a));
    expect(rows.slice(0, known.length).every(({ tokensPerUsd }) => tokensPerUsd !== null)).toBe(true);
    expect(known.length).toBeGreaterThan(250);
  });

  it('sort by throughput and by energy', () => {
    const sorted = (sort: 'throughput' | 'energy'): readonly TransformerRow[] =>
      estimateTransformers({ workloads: [workload], today: TODAY, sort }).rows;
    const rates = sorted('throughput').map(({ tokensPerSecond }) => tokensPerSecond ?? -1);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    const energies = sorted('energy').map((row) => row.wattHoursPerMillionTokens?.median ?? Infinity);
    expect(energies).toEqual([...energies].sort((a, b) => a - b));
  });

  it('work dollars and watt-hours out of rate, price and power', () => {
    const row = rowsOn('p5.48xlarge', workload)[0]!;
    expect(row.usdPerMillionTokens).toBeCloseTo((55.04 / 3600 / row.tokensPerSecond!) * 1e6, 9);
    // 8 x 700 W at 86% and the host's 30%, times AWS's PUE.
    expect(row.watts).toBeCloseTo(8 * 700 * (0.86 + 0.3) * 1.14, 6);
    const energy = row.wattHoursPerMillionTokens!;
    expect(energy.median).toBeCloseTo((row.watts! / row.tokensPerSecond! / 3600) * 1e6, 6);
    expect(energy.low).toBeLessThan(energy.median);
    expect(energy.median).toBeLessThan(energy.high);
    expect(row.low).toBeLessThan(row.tokensPerSecond!);
    expect(row.high).toBeGreaterThan(row.tokensPerSecond!);
  });

  it('explain themselves: the pass is the sum of its parts', () => {
    const { explanation, tokensPerSecond } = rowsOn('p5.48xlarge', workload)[0]!;
    expect(explanation.inputs.filter(({ source, unit }) => source === '' || unit === '')).toEqual([]);
    const value = (name: string): number => explanation.inputs.find((entry) => entry.name === name)!.value;
    const parts = explanation.inputs.flatMap(({ name, value }) => {
      const [, count] = /^(\d+) x /.exec(name) ?? [];
      return count === undefined ? [] : Number(count) * value;
    });
    const pass = parts.reduce((sum, ns) => sum + ns, 0);
    const times = explanation.inputs.flatMap(({ value, source }) => {
      const [, arithmetic, memory, overhead] =
        /^sqrt\(([\d.]+)\^2 \+ ([\d.]+)\^2\) \+ ([\d.]+) ns/.exec(source) ?? [];
      if (overhead === undefined) return [];
      return value / (Math.hypot(Number(arithmetic), Number(memory)) + Number(overhead));
    });
    expect(times.length).toBeGreaterThan(6);
    for (const ratio of times) expect(ratio).toBeCloseTo(1, 4);
    expect(pass).toBeCloseTo(value('pass'), 3);
    expect((value('independent replicas') * value('batch') * 1e9) / pass).toBeCloseTo(tokensPerSecond!, 6);
  });

  it('say what they stand for', () => {
    expect(notices[0]).toContain('nothing here was measured with kernels of this project');
    expect(notices).toContain('Some price lists carry no date.');
  });

  it('have wider intervals where a figure of the accelerator is unknown', () => {
    const relative = (type: string): number => {
      const row = rowsOn(type, workload)[0]!;
      return row.high! / row.tokensPerSecond!;
    };
    expect(relative('p6-b300.48xlarge')).toBeGreaterThan(relative('p6-b200.48xlarge'));
  });

  it.each<[string, Partial<TransformerWorkload>, string]>([
    ['no prompt', { inputTokens: 0 }, 'inputTokens is 0'],
    ['no answer', { outputTokens: 0 }, 'outputTokens is 0'],
    ['half a request', { batch: 0.5 }, 'batch is 0.5'],
  ])('refuse %s', (_what, change, message) => {
    const request = { workloads: [{ ...workload, ...change }], today: TODAY };
    expect(() => estimateTransformers(request)).toThrow(RangeError);
    expect(() => estimateTransformers(request)).toThrow(message);
  });

  it.each([[undefined], [{ today: TODAY }]])('refuse %o', (request) => {
    expect(() => estimateTransformers(request as never)).toThrow(/: expected (an object|a list)$/);
  });

  it('refuse a provider that does not exist', () => {
    expect(() => estimateTransformers({ workloads: [workload], today: TODAY, providers: ['awz'] })).toThrow(
      'unknown provider "awz"; nearest: aws',
    );
  });
});
