// Trains the demo's model with Tilewise's kernels: demo/model/README.md tells where the text comes from.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { Tokenizer } from '@huggingface/tokenizers';
import { Float16Array } from '@petamoriken/float16';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { openDevice } from 'tilewise';
import { withBestAdapter } from '../../scripts/adapter.mjs';
import { tokenizerJson } from '../model/tokenizerJson.ts';
import { AdamW } from './adamW.ts';
import { trainBytePairs } from './bytePairs.ts';
import { initialParameters, type TrainedConfig } from './parameters.ts';
import { encodeSafetensors } from './safetensors.ts';
import { readVerses } from './text.ts';
import { TrainingStep, type Windows } from './trainingStep.ts';

const CONFIG: TrainedConfig = {
  vocab_size: 1024,
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 32,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
};
const BATCH = 4;
const PEAK_LEARNING_RATE = 4e-3;
const WARM_UP_STEPS = 40;
/** The last part of the text, of which no window is drawn. */
const HELD_OUT = 1 / 20;

const program = new Command('train:demo')
  .requiredOption('--text <file>', 'what `bible -f gen1:1-rev22:21` prints')
  .requiredOption('--out <folder>', 'receives model.safetensors, config.json, tokenizer.json and loss.csv')
  .option('--steps <count>', 'steps of 1024 tokens', Number, 1500)
  .option('--seed <number>', 'of weights and windows', Number, 1)
  .option('--every <count>', 'steps between checkpoints', Number, 50)
  .parse();
const { text: textFile, out, steps, seed, every } = program.opts();

await withBestAdapter({ onProgress: (line) => console.error(line) });
const device = await openDevice();
const text = readVerses(readFileSync(textFile, 'utf8'));
const tokenizerContent = tokenizerJson(trainBytePairs(text, CONFIG.vocab_size));
const tokenizer = new Tokenizer(tokenizerContent, {});
const tokens = Uint32Array.from(
  text.split('\n').flatMap((line) => tokenizer.encode(`${line}\n`, { add_special_tokens: false }).ids),
);
const trained = tokens.subarray(0, Math.floor(tokens.length * (1 - HELD_OUT)));
const heldOut = tokens.subarray(trained.length);
console.error(`${text.length} characters, ${tokens.length} tokens`);

const parameters = initialParameters(CONFIG, seed);
const weightCount = parameters.reduce((count, { values }) => count + values.length, 0);
console.error(`${weightCount} weights`);
const seqLen = CONFIG.max_position_embeddings;
const step = new TrainingStep(device, CONFIG, parameters, { batch: BATCH, seqLen });
const optimizer = new AdamW();
const random = xoroshiro128plus(seed);
const log = ['step,tokens,trainingLoss,heldOutLoss,seconds'];
mkdirSync(out, { recursive: true });
writeJson('tokenizer.json', tokenizerContent);
writeJson('config.json', {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_act: 'silu',
  tie_word_embeddings: true,
  torch_dtype: 'float16',
  ...CONFIG,
});

const start = performance.now();
let recent: number[] = [];
for (let at = 1; at <= steps; at++) {
  const { loss, gradients } = await step.run(draw(trained, random));
  optimizer.step(parameters, gradients, {
    learningRate: learningRate(at),
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: 0.1,
    maxNorm: 1,
  });
  recent.push(loss);
  if (at % every !== 0 && at !== steps) continue;
  const mean = recent.reduce((total, value) => total + value, 0) / recent.length;
  recent = [];
  const seconds = Math.round((performance.now() - start) / 1000);
  log.push([at, at * BATCH * seqLen, mean.toFixed(4), (await lossHeldOut()).toFixed(4), seconds].join());
  console.error(log.at(-1));
  save(at);
}
device.destroy();

/** Rises evenly, then falls along a cosine to a tenth. */
function learningRate(at: number): number {
  if (at <= WARM_UP_STEPS) return (PEAK_LEARNING_RATE * at) / WARM_UP_STEPS;
  const progress = (at - WARM_UP_STEPS) / (steps - WARM_UP_STEPS);
  return PEAK_LEARNING_RATE * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress)));
}

function draw(from: Uint32Array, generator: RandomGenerator): Windows {
  const windows: Windows = {
    tokens: new Uint32Array(BATCH * seqLen),
    next: new Uint32Array(BATCH * seqLen),
  };
  for (let row = 0; row < BATCH; row++) {
    const begin = uniformInt(generator, 0, from.length - seqLen - 1);
    windows.tokens.set(from.subarray(begin, begin + seqLen), row * seqLen);
    windows.next.set(from.subarray(begin + 1, begin + seqLen + 1), row * seqLen);
  }
  return windows;
}

/** The mean loss of the same few windows of the text held out. */
async function lossHeldOut(): Promise<number> {
  const generator = xoroshiro128plus(0);
  const rounds = 4;
  let total = 0;
  for (let i = 0; i < rounds; i++) total += (await step.run(draw(heldOut, generator))).loss;
  return total / rounds;
}

function save(at: number): void {
  const metadata = { format: 'pt', trained_with: `Tilewise, ${at} of ${steps} steps, seed ${seed}` };
  const tensors = parameters.map(({ name, shape, values }) => ({
    name,
    dtype: 'F16',
    shape,
    bytes: new Uint8Array(new Float16Array(values).buffer),
  }));
  writeFileSync(join(out, 'model.safetensors'), encodeSafetensors(tensors, metadata));
  writeFileSync(join(out, 'loss.csv'), `${log.join('\n')}\n`);
}

function writeJson(name: string, content: object): void {
  writeFileSync(join(out, name), `${JSON.stringify(content)}\n`);
}
