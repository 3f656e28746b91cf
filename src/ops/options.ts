import { expectOneOf, expectOptions, refuse } from '../expect.ts';
import { isDevice, Tensor } from '../tensor.ts';
import type { KernelChoice } from './select.ts';

/** Options that every operation takes. */
const COMMON = ['kernel', 'config'] as const satisfies readonly (keyof KernelChoice)[];

/** Options that are tensors wherever there are any of these names. */
const TENSORS = new Set(['bias', 'c', 'residual', 'scaleA', 'scaleB', 'out', 'mask', 'alibiSlopes', 'sinks']);

/** What an option that is on or off may be. */
export const FLAG = [true, false] as const;

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
  for (const name of Object.keys(operands)) checkTensor(op, name, operands[name]);
  checkOwnOptions(op, options, [...names, ...COMMON]);
}

/**
 * Checks the options of what runs no kernel.
 *
 * @throws ArgumentError as `expectOptions`, for anything but a tensor where there must be one, and for anything but true and false
 *   where an option is on or off
 */
export function checkOwnOptions(op: string, options: object, names: readonly string[]): void {
  if (options instanceof Tensor) refuse(op, 'options', 'an object', options);
  expectOptions(op, options, names);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (TENSORS.has(name)) checkTensor(op, name, value);
    if (FLAGS.has(name)) expectOneOf(op, name, value, FLAG);
    if (name === 'kernel' && typeof value !== 'string') refuse(op, name, 'the name of a kernel', value);
    if (name === 'config') checkConfig(op, value);
  }
}

/** @throws ArgumentError for anything but a tensor. */
export function checkTensor(op: string, argument: string, value: unknown): void {
  if (value instanceof Tensor) return;
  refuse(op, argument, 'a tensor', value);
}

/** @throws ArgumentError for anything but a device of this library. */
export function checkDevice(op: string, value: unknown): void {
  if (isDevice(value)) return;
  refuse(op, 'device', 'a device of this library', value);
}

/** @throws ArgumentError for anything but a list of numbers or a tensor. */
export function checkNumbers(op: string, argument: string, value: unknown): void {
  if (value instanceof Tensor || Array.isArray(value) || ArrayBuffer.isView(value)) return;
  refuse(op, argument, 'a list of numbers', value);
}

function checkConfig(op: string, config: unknown): void {
  if (typeof config !== 'object' || config === null) refuse(op, 'config', 'an object', config);
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      refuse(op, `config.${name}`, 'a number, true or false', value);
    }
  }
}
