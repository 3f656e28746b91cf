import { ArgumentError } from '../errors.ts';
import { isDevice, Tensor } from '../tensor.ts';
import type { QuantizedTensor } from './quantizedTensor.ts';
import type { KernelChoice } from './select.ts';

/** Options that every operation takes. */
const COMMON = ['kernel', 'config'] as const satisfies readonly (keyof KernelChoice)[];

/** Options that are tensors wherever there are any of these names. */
const TENSORS = new Set(['bias', 'c', 'residual', 'scaleA', 'scaleB', 'out', 'mask', 'alibiSlopes', 'sinks']);

/** Options that are on or off wherever there are any of these names. */
const FLAGS = new Set([
  'transposeA',
  'transposeB',
  'gated',
  'keepDims',
  'reproducible',
  'exclusive',
  'reverse',
  'descending',
  'largest',
  'quantised',
  'zeroPoints',
]);

/**
 * Checks the options of an operation, which may also prescribe a kernel.
 *
 * @param operands arguments that must be tensors, by name
 * @throws ArgumentError as `checkOwnOptions`, and for anything but a tensor among the operands
 */
export function checkOptions(
  op: string,
  options: object,
  names: readonly string[],
  operands: Readonly<Record<string, unknown>> = {},
): void {
  for (const [name, value] of Object.entries(operands)) checkTensor(op, name, value);
  checkOwnOptions(op, options, [...names, ...COMMON]);
}

/**
 * Checks the options of what runs no kernel.
 *
 * @throws ArgumentError for an option that there is not (a misspelt name must not be ignored), for null, for anything but a tensor
 *   where there must be one, and for anything but true and false where an option is on or off
 */
export function checkOwnOptions(op: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options) || options instanceof Tensor)
    throw new ArgumentError(`${op}: options must be an object, got ${told(options)}`, { got: options });
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) {
      throw new ArgumentError(`${op} has no option ${JSON.stringify(name)}; it has ${names.join(', ')}`, {
        got: name,
        expected: names,
      });
    }
    if (value === null)
      throw new ArgumentError(`${op}: ${name} is null; leave it out instead`, { got: value });
    if (value === undefined) continue;
    if (TENSORS.has(name)) checkTensor(op, name, value);
    if (FLAGS.has(name)) checkFlag(op, name, value);
  }
}

/** @throws ArgumentError for anything but a tensor. */
export function checkTensor(op: string, argument: string, value: unknown): void {
  if (value instanceof Tensor) return;
  throw new ArgumentError(`${op}: ${argument} must be a tensor, got ${told(value)}`, {
    argument,
    got: value,
  });
}

/** Told by what quantised weights have, not by their class, which who never makes any need not carry along. */
export function isQuantizedTensor(value: unknown): value is QuantizedTensor {
  return typeof (value as Partial<QuantizedTensor> | undefined)?.layout === 'function';
}

/** @throws ArgumentError for anything but a device of this library. */
export function checkDevice(op: string, value: unknown): void {
  if (isDevice(value)) return;
  throw new ArgumentError(`${op}: device must be a device of this library, got ${told(value)}`, {
    got: value,
  });
}

/** @throws ArgumentError for anything but a list of numbers or a tensor. */
export function checkNumbers(op: string, argument: string, value: unknown): void {
  if (value instanceof Tensor || Array.isArray(value) || ArrayBuffer.isView(value)) return;
  throw new ArgumentError(`${op}: ${argument} must be a list of numbers, got ${told(value)}`, {
    argument,
    got: value,
  });
}

/** A value as messages show it: in short, whatever it is. */
function told(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null
    ? (value.constructor?.name ?? 'an object')
    : String(value);
}

/** @throws ArgumentError for anything but true or false. */
export function checkFlag(op: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new ArgumentError(`${op}: ${name} must be true or false, got ${told(value)}`, {
    got: value,
    expected: [true, false],
  });
}
