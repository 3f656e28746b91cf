// The safetensors format: 8 bytes with the header's length, a header of JSON, and the tensors' bytes one behind the other.
import { Float16Array } from '@petamoriken/float16';
import * as v from 'valibot';
import { messageOf } from '../text.ts';
import { ModelError } from './modelError.ts';

/** Bytes of an element, by the names that the format gives to types. Of these a tensor may be read. */
const SIZE_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;

export type StoredType = keyof typeof SIZE_BYTES;

/** A tensor of a file that has not been read yet. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sizeBytes: number;
  /** The part of the file that holds the elements. */
  readonly data: Blob;
}

/** As in the format's own library: a longer header is not read, whatever the file says. */
const MAX_HEADER_BYTES = 100_000_000;

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const tensorSchema = v.object({
  dtype: v.string(),
  shape: v.array(size),
  data_offsets: v.tuple([size, size]),
});
const headerSchema = v.record(v.string(), v.unknown());

/**
 * The tensors of a file. Nothing but the header is read, and every place that it names is checked to be within the file.
 *
 * @throws ModelError for a file that is cut off or of another format.
 */
export async function readSafetensors(file: Blob, name: string): Promise<Map<string, StoredTensor>> {
  const fail = (why: string): never => {
    throw new ModelError(`${name} is no safetensors file, or is damaged: ${why}.`);
  };
  if (file.size < 8) fail(`it has ${file.size} bytes, and its header's length alone takes 8`);
  const length = new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, file.size - 8))) {
    fail(`its header should have ${length} bytes, the file has ${file.size}`);
  }
  const begin = 8 + Number(length);
  const header = parseHeader(await file.slice(8, begin).text(), fail);
  const tensors = new Map<string, StoredTensor>();
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const parsed = v.safeParse(tensorSchema, value);
    if (!parsed.success) {
      fail(`tensor ${JSON.stringify(key)} is not described by dtype, shape and data_offsets`);
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = parsed.output;
    const [from, to] = offsets;
    if (from > to || begin + to > file.size) {
      fail(`tensor ${JSON.stringify(key)} lies outside of the file, which may not have been copied whole`);
    }
    const elements = shape.reduce((product, axis) => product * axis, 1);
    if (isReadable(dtype) && elements * SIZE_BYTES[dtype] !== to - from) {
      fail(`tensor ${JSON.stringify(key)} of shape [${shape.join(', ')}] in ${dtype} has ${to - from} bytes`);
    }
    tensors.set(key, {
      dtype,
      shape,
      sizeBytes: to - from,
      data: file.slice(begin + from, begin + to),
    });
  }
  return tensors;
}

function parseHeader(text: string, fail: (why: string) => never): Record<string, unknown> {
  try {
    return v.parse(headerSchema, JSON.parse(text));
  } catch {
    return fail('its header is not the JSON of an object');
  }
}

function isReadable(dtype: string): dtype is StoredType {
  return Object.hasOwn(SIZE_BYTES, dtype);
}

/** @throws ModelError for a type of elements that is not read. */
export function storedTypeOf({ dtype }: StoredTensor, name: string): StoredType {
  if (isReadable(dtype)) return dtype;
  throw new ModelError(
    `Tensor ${name} is stored as ${dtype}. This page reads ${Object.keys(SIZE_BYTES).join(', ')}; quantised files are not supported.`,
  );
}

/** Reads a tensor's elements as the format has them: f32 as such, halves as bit patterns. */
export async function readElements(
  tensor: StoredTensor,
  name: string,
): Promise<{ readonly dtype: StoredType; readonly bits: Float32Array | Uint16Array }> {
  const dtype = storedTypeOf(tensor, name);
  const bytes = await tensor.data.arrayBuffer().catch((error: unknown) => {
    throw new ModelError(
      `Tensor ${name} of ${tensor.sizeBytes} bytes could not be read: ${messageOf(error)}`,
    );
  });
  return { dtype, bits: dtype === 'F32' ? new Float32Array(bytes) : new Uint16Array(bytes) };
}

/** Elements as numbers; exact for every type. */
export function widen(dtype: StoredType, bits: Float32Array | Uint16Array): Float32Array {
  if (bits instanceof Float32Array) return bits;
  if (dtype === 'BF16') {
    const patterns = Uint32Array.from(bits, (pattern) => pattern << 16);
    return new Float32Array(patterns.buffer);
  }
  halves ??= Float32Array.from(
    new Float16Array(Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern).buffer),
  );
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) numbers[i] = halves[bits[i]!]!;
  return numbers;
}

/** The number of every pattern of half precision; made on first use. */
let halves: Float32Array | undefined;
