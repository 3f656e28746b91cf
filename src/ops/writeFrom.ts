import { ArgumentError, ShapeError, told } from '../errors.ts';
import { expectWait } from '../expect.ts';
import type { Device } from '../runtime/device.ts';
import { unlessAborted } from '../runtime/unlessAborted.ts';
import { dtypeSizeBytes, formatShape, type Tensor, type WaitOptions } from '../tensor.ts';
import { checkTensor } from './options.ts';

/** Bytes that arrive in pieces: a `File` or `Blob`, what `fetch()` gives, a stream, or whatever `for await` takes. */
export type ByteSource = Blob | Response | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bytes that are written at once. */
const CHUNK_BYTES = 2 ** 22;

/** Bytes after which the device has to have taken what it was given, before more is asked for. */
const AHEAD_BYTES = 8 * CHUNK_BYTES;

/**
 * Replaces a tensor's elements by those of a source, piece by piece, so that the host never holds more than some 40 MB of them.
 * They come as they lie in memory: in row-major order, of the tensor's type, the lowest byte first, as files of weights have them.
 * Work recorded before still sees the old elements; the tensor must not be used until all has been written.
 *
 * @example await writeFrom(weights, file.slice(begin, end)); await writeFrom(weights, await fetch(address))
 * @throws ShapeError for a source with fewer bytes than the tensor, or more; ArgumentError for a view, a response that is no success,
 *   or what is no source; the reason of an aborted `signal`; what the source throws. The content is then undefined.
 */
export async function writeFrom(
  tensor: Tensor,
  source: ByteSource,
  options: WaitOptions = {},
): Promise<void> {
  checkTensor('writeFrom', 'tensor', tensor);
  expectWait('writeFrom', options);
  if (tensor.view)
    throw new ArgumentError('a view cannot be written to: write to the tensor that it looks at');
  const { signal } = options;
  signal?.throwIfAborted();
  const expected = tensor.size * dtypeSizeBytes(tensor.dtype);
  const writer = new ChunkWriter(tensor, expected, signal);
  // A blob need not be read to know.
  if (isBlob(source) && source.size !== expected) throw wrongLength(tensor, source.size, expected);
  const pieces = piecesOf(source);
  try {
    for (;;) {
      const { done, value } = await unlessAborted(signal, () => pieces.next());
      if (done) break;
      await writer.add(value);
    }
    await writer.end();
  } catch (error) {
    // Nobody waits for a source that hangs.
    pieces.cancel(error).catch(() => undefined);
    throw error;
  }
}

/** Cuts pieces of any length into chunks that can be written: of as many bytes, but for the last. */
class ChunkWriter {
  readonly #tensor: Tensor;
  readonly #expected: number;
  readonly #signal: AbortSignal | undefined;
  #chunk: Uint8Array<ArrayBuffer>;
  #filled = 0;
  #written = 0;

  constructor(tensor: Tensor, expected: number, signal: AbortSignal | undefined) {
    this.#tensor = tensor;
    this.#expected = expected;
    this.#signal = signal;
    this.#chunk = this.#nextChunk();
  }

  /** @throws ShapeError as soon as there are more bytes than the tensor has. */
  async add(piece: unknown): Promise<void> {
    if (!(piece instanceof Uint8Array))
      throw new ArgumentError('writeFrom: a source gives pieces of Uint8Array', { got: typeof piece });
    const total = this.#written + this.#filled + piece.byteLength;
    if (total > this.#expected) throw wrongLength(this.#tensor, total, this.#expected);
    for (let at = 0; at < piece.byteLength;) {
      const part = piece.subarray(at, at + this.#chunk.byteLength - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.#filled === CHUNK_BYTES) await this.#write();
    }
  }

  /** @throws ShapeError where bytes are missing. */
  async end(): Promise<void> {
    const total = this.#written + this.#filled;
    if (total < this.#expected) throw wrongLength(this.#tensor, total, this.#expected);
    if (this.#filled > 0) await this.#write();
  }

  async #write(): Promise<void> {
    const { device, storage } = this.#tensor;
    device.writeStorage(storage, this.#chunk, this.#written);
    this.#written += this.#filled;
    this.#filled = 0;
    if (this.#written % AHEAD_BYTES === 0) await (device as Device).finished({ signal: this.#signal });
    this.#chunk = this.#nextChunk();
  }

  /** The device takes a chunk over, so that every one has memory of its own: whole words, as tensors have them. */
  #nextChunk(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Math.min(CHUNK_BYTES, Math.ceil((this.#expected - this.#written) / 4) * 4));
  }
}

interface Pieces {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Tells the source that no more is wanted. */
  cancel(reason: unknown): Promise<unknown>;
}

/** @throws ArgumentError for what is no source. */
function piecesOf(source: ByteSource): Pieces {
  const stream = streamOf(source);
  if (typeof (stream as Partial<ReadableStream> | null)?.getReader === 'function') {
    const reader = (stream as ReadableStream<Uint8Array>).getReader();
    return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason) };
  }
  if (typeof (stream as Partial<AsyncIterable<Uint8Array>> | null)?.[Symbol.asyncIterator] !== 'function') {
    throw new ArgumentError(
      `writeFrom takes a Blob, a Response, a ReadableStream or an async iterable of Uint8Array, got ${told(source)}`,
      { got: typeof source },
    );
  }
  const iterator = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: async () => iterator.return?.() };
}

/** @throws ArgumentError for a response that is no success, or has been read. */
function streamOf(source: ByteSource): unknown {
  if (isBlob(source)) return source.stream();
  if (typeof Response === 'undefined' || !(source instanceof Response)) return source;
  const { ok, status, statusText, body, bodyUsed, url } = source;
  if (!ok) {
    // Neither a response that was made by hand nor HTTP/2 has all of them.
    const answer = [url, 'answered', status, statusText].filter(Boolean).join(' ');
    throw new ArgumentError(`writeFrom: ${answer}`, { status });
  }
  if (bodyUsed) throw new ArgumentError('writeFrom: this response has been read already');
  return body ?? new Blob().stream();
}

const isBlob = (source: unknown): source is Blob => typeof Blob !== 'undefined' && source instanceof Blob;

function wrongLength({ dtype, shape }: Tensor, got: number, expected: number): ShapeError {
  const how = got > expected ? 'has more' : `ended after ${got}`;
  return new ShapeError(
    `writeFrom: ${dtype} ${formatShape(shape)} has ${expected} bytes; the source ${how}`,
    {
      got,
      expected,
    },
  );
}
