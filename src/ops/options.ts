import { ArgumentError } from '../errors.ts';
import { isDevice, Tensor } from '../tensor.ts';
import { refuse } from './expect.ts';
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
    refuse(op, 'options', 'an object', options);
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) {
      throw new ArgumentError(`${op} has no option ${JSON.stringify(name)}; it has ${names.join(', ')}`, {
        got: name,
        expected: names,
      });
    }
    if (value === null) refuse(op, name, 'left out where there is none', value);
    if (value === undefined) continue;
    if (TENSORS.has(name)) checkTensor(op, name, value);
    if (FLAGS.has(name)) checkFlag(op, name, value);
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

/** @throws ArgumentError for anything but true or false. */
export function checkFlag(op: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  refuse(op, name, 'true or false', value);
}

function checkConfig(op: string, config: unknown): void {
  if (typeof config !== 'object' || config === null) refuse(op, 'config', 'an object', config);
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      refuse(op, `config.${name}`, 'a number, true or false', value);
    }
  }
}
