import { ArgumentError, DTypeError, ShapeError, UnsupportedError, told } from '../errors.ts';
import { refuse } from '../expect.ts';
import {
  checkDType,
  checkShape,
  formatShape,
  storageSizeBytes,
  type Shape,
  type TensorSpec,
} from '../tensor.ts';
import type { Capabilities } from './capabilities.ts';
import { BufferUsage } from './gpuFlags.ts';

/** @throws ShapeError, DTypeError or UnsupportedError unless the device can hold such a tensor. */
export function checkTensorSpec(shape: Shape, dtype: unknown, caps: Capabilities): TensorSpec {
  checkShape(shape);
  const spec = { shape, dtype: checkDType(dtype) };
  if (dtype === 'f16' && !caps.f16) {
    throw new DTypeError('this adapter has no half precision (feature shader-f16); use f32', {
      feature: 'shader-f16',
    });
  }
  const needed = storageSizeBytes(spec);
  const available = caps.limits.maxBufferSize;
  if (needed > available) {
    throw new UnsupportedError(
      `${spec.dtype} ${formatShape(shape)} needs ${needed} bytes in one buffer; this adapter has at most ${available}`,
      { limit: 'maxBufferSize', needed, available },
    );
  }
  return spec;
}

/** @throws UnsupportedError when a shader could not bind so many bytes at once. */
export function checkBufferSize(needed: number, what: string, { limits }: Capabilities): void {
  const available = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  if (needed <= available) return;
  throw new UnsupportedError(
    `${what} needs ${needed} bytes in one buffer; this adapter binds at most ${available}`,
    { limit: 'maxStorageBufferBindingSize', needed, available },
  );
}

/** @throws ShapeError or ArgumentError unless shaders may bind the range of a buffer that somebody else made. */
export function checkWrappedRange(
  buffer: GPUBuffer,
  byteOffset: number,
  sizeBytes: number,
  { dtype, shape }: TensorSpec,
  { limits }: Capabilities,
): void {
  if (typeof buffer?.size !== 'number') refuse('wrap', 'buffer', 'a GPUBuffer', buffer);
  const alignment = limits.minStorageBufferOffsetAlignment;
  if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset % alignment !== 0) {
    throw new ShapeError(`byteOffset must be a multiple of ${alignment} on this device, got ${byteOffset}`, {
      got: byteOffset,
      expected: alignment,
    });
  }
  if (byteOffset + sizeBytes > buffer.size) {
    throw new ShapeError(
      `${dtype} ${formatShape(shape)} needs ${sizeBytes} bytes from offset ${byteOffset}; the buffer has ${buffer.size}`,
      { got: buffer.size, expected: byteOffset + sizeBytes },
    );
  }
  if ((buffer.usage & BufferUsage.storage) === 0) {
    throw new ArgumentError('a wrapped buffer needs GPUBufferUsage.STORAGE', { usage: buffer.usage });
  }
}

/** @throws ArgumentError unless what a method was given is a function */
export function checkFunction(method: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new ArgumentError(`${method}() takes a function, got ${told(value)}`, { got: value });
}

/** @throws ArgumentError unless what a method was given is a graph, which is told by what it has: each backend has its own */
export function checkGraph(method: string, value: unknown): void {
  if (typeof (value as { readonly replay?: unknown } | undefined | null)?.replay === 'function') return;
  throw new ArgumentError(`${method}() takes a graph, got ${told(value)}`, { got: value });
}

/** @throws ArgumentError for what a captured function may not give: something to wait for */
export function checkResult(result: unknown): void {
  if (result instanceof Promise) throw new ArgumentError('capture() takes a function that does not wait');
}

/** @throws ArgumentError unless a graph can be run so many times */
export function checkRepeats(repeats: unknown): void {
  if (Number.isSafeInteger(repeats) && (repeats as number) >= 1) return;
  throw new ArgumentError(
    `a graph is replayed a whole number of times, at least once, got ${told(repeats)}`,
    {
      got: repeats,
    },
  );
}

/** @throws ArgumentError unless it is what dispatches are encoded into */
export function checkPass(pass: unknown): void {
  if (typeof (pass as Partial<GPUComputePassEncoder> | undefined | null)?.dispatchWorkgroups === 'function')
    return;
  refuse('encode', 'pass', 'a GPUComputePassEncoder', pass);
}
