/** Machine-readable facts about an error: what was given, what was expected, which limit. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What every error of this library has; `code` is stable across versions, the message is not. */
export abstract class TilewiseError extends Error {
  // Written out in each class, since minifiers rename classes.
  abstract override readonly name: string;
  abstract readonly code: string;
  readonly details: ErrorDetails;

  constructor(message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.details = details;
  }
}

/** Shapes that do not fit each other or an option: thrown at once, nothing was recorded. */
export class ShapeError extends TilewiseError {
  override readonly name = 'ShapeError';
  readonly code = 'shape';
}

/** A data type that an operation does not take, or data that cannot be stored as the type asked for. */
export class DTypeError extends TilewiseError {
  override readonly name = 'DTypeError';
  readonly code = 'dtype';
}

/** An argument that is neither a shape nor a data type: an unknown kernel, a disposed tensor, a foreign device. */
export class ArgumentError extends TilewiseError {
  override readonly name = 'ArgumentError';
  readonly code = 'argument';
}

/** Something this adapter cannot do: `details` has the feature or limit, what was needed and what there is. */
export class UnsupportedError extends TilewiseError {
  override readonly name = 'UnsupportedError';
  readonly code = 'unsupported';
}

/** No adapter or no device: the message says what is missing and the command that installs it. */
export class DeviceUnavailableError extends TilewiseError {
  override readonly name = 'DeviceUnavailableError';
  readonly code = 'device-unavailable';
}

/**
 * The GPU device is gone (driver reset, removal, `destroy()`). Tensors on it are lost; open a new device
 * and upload again what is still held on the host.
 */
export class DeviceLostError extends TilewiseError {
  override readonly name = 'DeviceLostError';
  readonly code = 'device-lost';
}

/** The GPU could not give the memory asked for; `details.sizeBytes` is the request where it is known. */
export class OutOfMemoryError extends TilewiseError {
  override readonly name = 'OutOfMemoryError';
  readonly code = 'out-of-memory';
}

/** A shader that the adapter refused; `details.messages` has file and line of the WGSL source. */
export class ShaderCompileError extends TilewiseError {
  override readonly name = 'ShaderCompileError';
  readonly code = 'shader-compile';
}

/** The GPU refused work that was submitted: a defect of this library, reported rather than hidden. */
export class ExecutionError extends TilewiseError {
  override readonly name = 'ExecutionError';
  readonly code = 'execution';
}

/** Elements of an array that messages show. */
const MOST_SHOWN = 8;

/** A value as messages show it: in short, whatever it is. */
export function told(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 99));
  if (Array.isArray(value)) {
    // What an array within holds is not shown: it may be the array itself.
    const shown = value.slice(0, MOST_SHOWN).map((each) => (Array.isArray(each) ? '[…]' : told(each)));
    const more = value.length > MOST_SHOWN ? [`… ${value.length} in all`] : [];
    return `[${[...shown, ...more].join(', ')}]`;
  }
  return typeof value === 'object' && value !== null
    ? (value.constructor?.name ?? 'an object')
    : typeof value === 'function'
      ? 'a function'
      : String(value);
}
