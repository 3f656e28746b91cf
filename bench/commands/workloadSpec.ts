import { basename, dirname } from 'node:path';
import { nearest } from '../catalog/index.ts';
import {
  attentionOperation,
  matmulOperation,
  MODELS,
  parseModelConfig,
  streamOperation,
  WEIGHT_FORMATS,
} from '../estimate/index.ts';
import type { Operation, TransformerModel, TransformerWorkload, WeightFormat } from '../estimate/index.ts';
import { OPERAND_TYPES } from '../estimate/operations.ts';
import type { OperandType } from '../estimate/operations.ts';
import { UsageError, withGiven } from '../exitCodes.ts';
import { readJson } from './readJson.ts';

/** What `--workload` asks for. */
export type AskedWorkload =
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'transformer'; readonly workload: TransformerWorkload };

export const WORKLOAD_HELP = `Workloads:
  matmul:MxNxK[,batch=1,dtype=f16]
  attention:batch=1,heads=32,kv=8,q=4096,k=4096,dim=128[,causal,dtype=f16]
  stream:BYTES[,dtype=f32]
  MODEL[:in=1024,out=256,weights=f16,kv=f16,batch=N,ways=N,phase=serve]
    MODEL is ${MODELS.map(({ name }) => name).join(', ')},
    its name on Hugging Face, or the path of a config.json from there;
    weights is ${Object.keys(WEIGHT_FORMATS).join(', ')} (default: as published, else f16);
    phase is serve, prefill or decode`;

/**
 * Reads one `--workload`.
 *
 * @throws UsageError with the nearest name where one is unknown, and what was expected where a value makes no sense
 */
export function parseWorkload(spec: string): AskedWorkload {
  const colon = spec.indexOf(':');
  const name = (colon < 0 ? spec : spec.slice(0, colon)).trim();
  const fields = new Fields(spec, colon < 0 ? '' : spec.slice(colon + 1));
  const asked = read(name, fields);
  fields.refuseRest();
  return asked;
}

function read(name: string, fields: Fields): AskedWorkload {
  if (name === 'matmul') {
    const sizes = fields.take(/^\d+x\d+x\d+$/, 'M x N x K, for instance 4096x4096x4096');
    const [m, n, k] = sizes.split('x').map((size) => fields.whole('M x N x K', size));
    const shape = { m: m!, n: n!, k: k!, batch: fields.number('batch', 1) };
    return { kind: 'operation', operation: matmulOperation(shape, operandType(fields, 'f16')) };
  }
  if (name === 'attention') {
    const heads = fields.number('heads', 32);
    const seqLenQ = fields.number('q', 4096);
    const shape = {
      batch: fields.number('batch', 1),
      heads,
      kvHeads: fields.number('kv', heads),
      seqLenQ,
      seqLenKv: fields.number('k', seqLenQ),
      headDim: fields.number('dim', 128),
      causal: fields.flag('causal'),
    };
    return { kind: 'operation', operation: attentionOperation(shape, operandType(fields, 'f16')) };
  }
  if (name === 'stream') {
    const bytes = fields.whole('BYTES', fields.take(/^[\d.]+(?:e\d+)?$/, 'a number of bytes'));
    return { kind: 'operation', operation: streamOperation(bytes, operandType(fields, 'f32')) };
  }
  const model = modelOf(name);
  const weights = fields.oneOf(
    'weights',
    Object.keys(WEIGHT_FORMATS) as WeightFormat[],
    model.weights ?? 'f16',
  );
  const phase = fields.oneOf('phase', ['serve', 'prefill', 'decode'] as const, 'serve');
  const kv = fields.oneOf('kv', ['f16', 'fp8'] as const, 'f16');
  const inputTokens = fields.number('in', 1024);
  const outputTokens = phase === 'prefill' ? 0 : fields.number('out', 256);
  const batch = fields.optional('batch');
  const ways = fields.optional('ways');
  const lengths = phase === 'prefill' ? `${inputTokens} in` : `${inputTokens} in, ${outputTokens} out`;
  return {
    kind: 'transformer',
    workload: {
      name: `${model.name}, ${weights}, ${phase}, ${lengths}${batch === undefined ? '' : `, ${batch} at once`}`,
      model,
      weights,
      kvBytes: kv === 'fp8' ? 1 : 2,
      inputTokens,
      outputTokens,
      phase,
      ...(batch !== undefined && { batch }),
      ...(ways !== undefined && { ways }),
    },
  };
}

function operandType(fields: Fields, otherwise: OperandType): OperandType {
  return fields.oneOf('dtype', Object.keys(OPERAND_TYPES) as OperandType[], otherwise);
}

function modelOf(name: string): TransformerModel {
  if (name.endsWith('.json')) return readModel(name);
  const wanted = name.toLowerCase();
  const model = MODELS.find(
    (candidate) =>
      candidate.name === wanted || candidate.source.toLowerCase().includes(`huggingface.co/${wanted}/`),
  );
  if (model) return model;
  const known = ['matmul', 'attention', 'stream', ...MODELS.map((candidate) => candidate.name)];
  throw new UsageError(
    `--workload ${name}: no operation or model of that name; nearest: ${nearest(name, known, 3).join(', ')}. ` +
      'The path of a Hugging Face config.json does too',
  );
}

function readModel(file: string): TransformerModel {
  const name = basename(file) === 'config.json' ? basename(dirname(file)) : basename(file, '.json');
  const json = readJson(file, `--workload ${file}`);
  const named = name === '.' || name === '' ? 'model' : name;
  return withGiven(() => parseModelConfig(json, named), `--workload ${file}: `);
}

/** The fields of a specification, each taken once. */
class Fields {
  readonly #spec: string;
  readonly #values = new Map<string, string>();
  readonly #bare: string[] = [];

  constructor(spec: string, text: string) {
    this.#spec = spec;
    for (const field of text.split(',').map((part) => part.trim())) {
      if (field === '') continue;
      const [key, value] = field.split('=', 2);
      if (value === undefined) this.#bare.push(field);
      else if (this.#values.has(key!)) throw this.#error(`${key} is given twice`);
      else this.#values.set(key!, value);
    }
  }

  #error(what: string): UsageError {
    return new UsageError(`--workload ${this.#spec}: ${what}`);
  }

  /** A value without a name. */
  take(pattern: RegExp, expected: string): string {
    const index = this.#bare.findIndex((field) => pattern.test(field));
    if (index < 0) throw this.#error(`expected ${expected}`);
    return this.#bare.splice(index, 1)[0]!;
  }

  flag(name: string): boolean {
    const index = this.#bare.indexOf(name);
    if (index >= 0) this.#bare.splice(index, 1);
    return index >= 0;
  }

  whole(name: string, text: string): number {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw this.#error(`${name} is ${JSON.stringify(text)}, expected a whole number of at least 1`);
  }

  optional(name: string): number | undefined {
    const text = this.#values.get(name);
    this.#values.delete(name);
    return text === undefined ? undefined : this.whole(name, text);
  }

  number(name: string, otherwise: number): number {
    return this.optional(name) ?? otherwise;
  }

  oneOf<Known extends string>(name: string, known: readonly Known[], otherwise: Known): Known {
    const text = this.#values.get(name);
    this.#values.delete(name);
    if (text === undefined) return otherwise;
    const found = known.find((candidate) => candidate === text);
    if (found !== undefined) return found;
    throw this.#error(
      `${name} is ${JSON.stringify(text)}; nearest: ${nearest(text, known, 2).join(', ')}; known: ${known.join(', ')}`,
    );
  }

  refuseRest(): void {
    const [rest] = [...this.#values.keys(), ...this.#bare];
    if (rest !== undefined) throw this.#error(`what is "${rest}"? --help lists the fields`);
  }
}
