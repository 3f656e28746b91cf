import { ArgumentError, DTypeError, ShapeError } from '../errors.ts';
import { writeRowsOperation } from '../kernels/writeRows/index.ts';
import { MAX_DISTANCE, QUANT_BLOCK, type CacheLayout } from '../reference/attention.ts';
import type { WriteRowsProblem } from '../reference/writeRows.ts';
import { formatShape, Tensor, type TensorDevice } from '../tensor.ts';
import { copyOf, deviceOf, execute } from './execute.ts';
import { lengthsInput, type Lengths } from './lengths.ts';
import { checkDevice, checkOptions, checkOwnOptions } from './options.ts';
import { checkTables, tokenProblem, tokenRows, type RotaryTables, type TokenRows } from './rotary.ts';
import type { KernelChoice } from './select.ts';
import { expectOneOf, refuse } from '../expect.ts';

export interface KeyValueCacheOptions {
  /**
   * `linear`: a sequence's keys lie one behind the other. `ring`: likewise, but a key behind the end takes the place of the
   * first. `paged`: keys lie in blocks that a table gives to sequences. Default: `linear`.
   */
  readonly kind?: 'linear' | 'ring' | 'paged' | undefined;
  /** Linear and ring: sequences, and the keys that each has room for. */
  readonly batch?: number | undefined;
  readonly capacity?: number | undefined;
  /** Paged: blocks in all, and the keys of each. */
  readonly blocks?: number | undefined;
  readonly blockSize?: number | undefined;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Default: headDim. */
  readonly headDimV?: number | undefined;
  /** Default: f32. */
  readonly dtype?: 'f32' | 'f16' | undefined;
  /** Stores integers of 8 bits, and a factor for every 32 elements of a row. Default: false. */
  readonly quantised?: boolean | undefined;
}

/**
 * Memory for the keys and values of sequences that grow: written by `writeCache`, read by `attentionWithCache`. The caller counts how
 * many keys each sequence has.
 */
export class KeyValueCache implements Disposable {
  /** How rows lie in memory, and of a paged one its blocks. */
  readonly layout: CacheLayout;
  /** Keys that a sequence has room for; undefined where that is the length of its table of blocks. */
  readonly capacity: number | undefined;
  /** Sequences; undefined where the table of blocks says how many. */
  readonly batch: number | undefined;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly headDimV: number;
  readonly dtype: 'f32' | 'f16';
  readonly quantised: boolean;
  /** [batch, kvHeads, capacity, headDim]; paged [blocks, blockSize, kvHeads, headDim]. Quantised: i8. */
  readonly keys: Tensor;
  /** As `keys`, with headDimV. */
  readonly values: Tensor;
  /** Of quantised ones: a factor in f32 for every 32 elements of a row. */
  readonly keyScales: Tensor | undefined;
  readonly valueScales: Tensor | undefined;

  /** @throws ArgumentError for sizes that are missing, or no positive integers. */
  constructor(device: TensorDevice, options: KeyValueCacheOptions) {
    checkDevice('KeyValueCache', device);
    checkOwnOptions('KeyValueCache', options, OPTIONS);
    const {
      kind = 'linear',
      kvHeads,
      headDim,
      headDimV = headDim,
      dtype = 'f32',
      quantised = false,
    } = options;
    expectOneOf('KeyValueCache', 'kind', kind, ['linear', 'ring', 'paged']);
    const size = (argument: keyof KeyValueCacheOptions): number => checkSize(argument, options[argument]);
    this.kvHeads = size('kvHeads');
    this.headDim = size('headDim');
    this.headDimV = checkSize('headDimV', headDimV);
    this.dtype = dtype;
    this.quantised = quantised;
    if (quantised && (headDim % QUANT_BLOCK !== 0 || headDimV % QUANT_BLOCK !== 0)) {
      throw new ArgumentError(
        `KeyValueCache: a quantised row must be a multiple of ${QUANT_BLOCK} elements, got headDim ${headDim} and headDimV ${headDimV}`,
        { argument: 'headDim', got: [headDim, headDimV] },
      );
    }
    let rows: readonly number[];
    if (kind === 'paged') {
      this.layout = { kind, blocks: size('blocks'), blockSize: size('blockSize') };
      rows = [this.layout.blocks, this.layout.blockSize, kvHeads];
    } else {
      this.layout = { kind };
      this.batch = size('batch');
      this.capacity = size('capacity');
      rows = [this.batch, kvHeads, this.capacity];
    }
    const stored = quantised ? 'i8' : dtype;
    this.keys = device.empty([...rows, headDim], stored);
    this.values = device.empty([...rows, headDimV], stored);
    if (quantised) {
      this.keyScales = device.empty([...rows, headDim / QUANT_BLOCK], 'f32');
      this.valueScales = device.empty([...rows, headDimV / QUANT_BLOCK], 'f32');
    }
  }

  dispose(): void {
    for (const tensor of [this.keys, this.values, this.keyScales, this.valueScales]) tensor?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @throws ArgumentError for anything else. Told by what a cache has, not by its class, which who attends to none need not carry along. */
export function checkCache(op: string, cache: unknown): void {
  if ((cache as Partial<KeyValueCache> | null | undefined)?.keys instanceof Tensor) return;
  return refuse(op, 'cache', 'a KeyValueCache', cache);
}

const OPTIONS = [
  'kind',
  'batch',
  'capacity',
  'blocks',
  'blockSize',
  'kvHeads',
  'headDim',
  'headDimV',
  'dtype',
  'quantised',
] as const satisfies readonly (keyof KeyValueCacheOptions)[];

function checkSize(argument: string, got: unknown): number {
  if (Number.isInteger(got) && (got as number) > 0 && (got as number) <= MAX_DISTANCE) return got as number;
  return refuse('KeyValueCache', argument, `an integer from 1 to ${MAX_DISTANCE}`, got, [1, MAX_DISTANCE]);
}

export interface WriteCacheOptions extends KernelChoice {
  /** The position of each sequence's first new token, which is the number of keys that it has: `batch` numbers. Default: 0. */
  readonly positions?: Lengths | undefined;
  /** Paged: [batch, blocks of a sequence] numbers of blocks, those of the first sequence first. */
  readonly blockTable?: Lengths | undefined;
  /** Rotates the keys on their way, by their positions. */
  readonly rotary?: RotaryTables | undefined;
  /** The axes of k and v: [batch, kvHeads, sequence, headDim], the default, or [batch, sequence, kvHeads, headDim]. */
  readonly layout?: 'bhsd' | 'bshd' | undefined;
}

/**
 * Writes the keys and values of new tokens, k [batch, kvHeads, sequence, headDim] and v likewise, to a cache. A ring keeps
 * the last tokens; elsewhere a position that a sequence has no room for is an error, or dropped where it is a tensor's.
 *
 * @throws ShapeError, DTypeError, ArgumentError for operands that do not fit the cache, or numbers out of bounds.
 */
export function writeCache(
  cache: KeyValueCache,
  k: Tensor,
  v: Tensor,
  options: WriteCacheOptions = {},
): void {
  checkOptions('writeCache', options, ['positions', 'blockTable', 'rotary', 'layout'], { k, v });
  checkCache('writeCache', cache);
  const keys = tokenRows('writeCache', 'k', k, options.layout);
  const values = tokenRows('writeCache', 'v', v, options.layout);
  const expected = { cache, batch: cache.batch ?? keys.batch, seqLen: keys.seqLen };
  checkFits('k', keys, expected, cache.headDim);
  checkFits('v', values, expected, cache.headDimV);
  const rotary = options.rotary && checkTables('writeCache', options.rotary, cache.headDim);
  const tables = options.rotary ? [options.rotary.cos, options.rotary.sin] : [];
  const device = deviceOf('writeCache', [k, v, cache.keys, ...tables]);
  const table = blockTableInput('writeCache', cache, options.blockTable, keys.batch, device);
  const capacity = cache.capacity ?? table!.capacity;
  const ring = cache.layout.kind === 'ring';
  const positions = lengthsInput(
    'writeCache',
    'positions',
    options.positions ?? new Uint32Array(keys.batch),
    {
      count: keys.batch,
      largest: (ring ? MAX_DISTANCE : capacity) - keys.seqLen,
      device,
    },
  );
  try {
    const { quantised } = cache;
    const room = { layout: cache.layout, capacity };
    const write = (
      problem: WriteRowsProblem,
      inputs: Tensor[],
      rows: Tensor,
      scales: Tensor | undefined,
    ): void => {
      if (table) inputs.push(table.tensor);
      const into = scales ? [rows, scales] : [rows];
      runInto({ problem, inputs, into, choice: options });
    };
    const ofKeys = tokenProblem(keys, { rotary, cache: room, quantised });
    const ofValues = tokenProblem(values, { cache: room, quantised });
    write(ofKeys, [k, positions.tensor, ...tables], cache.keys, cache.keyScales);
    write(ofValues, [v, positions.tensor], cache.values, cache.valueScales);
  } finally {
    positions.release();
    table?.release();
  }
}

/** A dispatch cannot read a buffer to which it writes: operands that lie in a result's are copied first. */
function runInto({
  problem,
  inputs,
  into,
  choice,
}: {
  readonly problem: WriteRowsProblem;
  readonly inputs: readonly Tensor[];
  readonly into: readonly Tensor[];
  readonly choice: KernelChoice;
}): void {
  const copies: Tensor[] = [];
  try {
    const apart = inputs.map((tensor) => {
      const shared = into.some(({ device }, index) => device.shareBuffer(into[index]!, tensor));
      if (!shared) return tensor;
      const copy = copyOf(tensor, into);
      copies.push(copy);
      return copy;
    });
    execute({
      operation: writeRowsOperation,
      problem,
      inputs: apart,
      shapes: into.map(({ shape }) => shape),
      choice,
      into,
    });
  } finally {
    for (const copy of copies) copy.dispose();
  }
}

/** What the tokens of k and v must be like. */
interface Fitting {
  readonly cache: KeyValueCache;
  readonly batch: number;
  readonly seqLen: number;
}

function checkFits(
  argument: string,
  got: TokenRows,
  { cache, batch, seqLen }: Fitting,
  headDim: number,
): void {
  const misfit = (name: keyof TokenRows, expected: unknown): never => {
    const message = `writeCache: ${argument} must have ${name} ${String(expected)}, got ${String(got[name])}`;
    const details = { argument, got: got[name], expected };
    throw name === 'dtype' ? new DTypeError(message, details) : new ShapeError(message, details);
  };
  if (got.batch !== batch) misfit('batch', batch);
  if (got.heads !== cache.kvHeads) misfit('heads', cache.kvHeads);
  if (got.seqLen !== seqLen) misfit('seqLen', seqLen);
  if (got.dtype !== cache.dtype) misfit('dtype', cache.dtype);
  if (got.headDim !== headDim) misfit('headDim', headDim);
}

/** A table of blocks as an operand, and the keys that a sequence has room for in it. */
export interface BlockTableInput {
  readonly tensor: Tensor;
  readonly capacity: number;
  readonly release: () => void;
}

/** @throws ArgumentError, ShapeError, DTypeError for a table that is missing, does not fit, or points outside the cache. */
export function blockTableInput(
  op: string,
  { layout }: KeyValueCache,
  blockTable: Lengths | undefined,
  batch: number,
  device: TensorDevice,
): BlockTableInput | undefined {
  const argument = 'blockTable';
  if (layout.kind !== 'paged') {
    if (blockTable === undefined) return undefined;
    throw new ArgumentError(`${op}: a ${layout.kind} cache has no blockTable`, { argument });
  }
  if (blockTable === undefined)
    throw new ArgumentError(`${op}: a paged cache needs a blockTable`, { argument });
  const count = blockTable instanceof Tensor ? blockTable.size : blockTable.length;
  if (batch === 0 || count === 0 || count % batch !== 0) {
    throw new ShapeError(
      `${op}: blockTable must have as many blocks for each of ${batch} sequences, got ` +
        (blockTable instanceof Tensor ? formatShape(blockTable.shape) : `${count} numbers`),
      { argument, got: count },
    );
  }
  const each = count / batch;
  const largest = layout.blocks - 1;
  const input = lengthsInput(op, argument, blockTable, { count, largest, device, shape: [batch, each] });
  return { ...input, capacity: each * layout.blockSize };
}
