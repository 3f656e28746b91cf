/** Multiply-adds that the CPU path does in about a second. */
export const CPU_BUDGET = 2 ** 28;

/** A whole result as its own sample. */
export const everything = (index: number): number => index;

/** Rows or heads to look at: the first, the last, and those that part the rest evenly. */
export function spread(count: number, wanted: number): readonly number[] {
  if (count <= wanted) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: wanted }, (_, index) => Math.round((index * (count - 1)) / (wanted - 1)));
}

/** Copies some of the chunks that `data` is made of. */
export function take(data: Float32Array, chunkLength: number, chunks: readonly number[]): Float32Array {
  const out = new Float32Array(chunks.length * chunkLength);
  for (const [position, chunk] of chunks.entries()) {
    out.set(data.subarray(chunk * chunkLength, (chunk + 1) * chunkLength), position * chunkLength);
  }
  return out;
}

export const magnitudes = (data: Float32Array): Float32Array => data.map((value) => Math.abs(value));
