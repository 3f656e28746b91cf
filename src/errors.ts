/** Machine-readable facts about an error: what was given, what was expected, which limit. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** What every error of this library has; `code` is stable across versions, the message is not. */
export class TilewiseError extends Error {
  // Written out, as in each class below: minifiers rename classes.
  override name = 'TilewiseError';
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Shapes that do not fit each other or an option: thrown at once, nothing was recorded. */
export class ShapeError extends TilewiseError {
  override name = 'ShapeError';

  constructor(message: string, details?: ErrorDetails) {
    super('shape', message, details);
  }
}

/** A data type that an operation does not take, or data that cannot be stored as the type asked for. */
export class DTypeError extends TilewiseError {
  override name = 'DTypeError';

  constructor(message: string, details?: ErrorDetails) {
    super('dtype', message, details);
  }
}

/** An argument that is neither a shape nor a data type: an unknown kernel, a disposed tensor, a foreign device. */
export class ArgumentError extends TilewiseError {
  override name = 'ArgumentError';

  constructor(message: string, details?: ErrorDetails) {
    super('argument', message, details);
  }
}

/** Something this adapter cannot do: `details` has the feature or limit, what was needed and what there is. */
export class UnsupportedError extends TilewiseError {
  override name = 'UnsupportedError';

  constructor(message: string, details?: ErrorDetails) {
    super('unsupported', message, details);
  }
}

/** No adapter or no device: the message says what is missing and the command that installs it. */
export class DeviceUnavailableError extends TilewiseError {
  override name = 'DeviceUnavailableError';

  constructor(message: string, details?: ErrorDetails, cause?: unknown) {
    super('device-unavailable', message, details, cause);
  }
}

/**
 * The GPU device is gone (driver reset, removal, `destroy()`). Tensors on it are lost; open a new device
 * and upload again what is still held on the host.
 */
export class DeviceLostError extends TilewiseError {
  override name = 'DeviceLostError';

  constructor(message: string, details?: ErrorDetails) {
    super('device-lost', message, details);
  }
}

/** The GPU could not give the memory asked for; `details.sizeBytes` is the request where it is known. */
export class OutOfMemoryError extends TilewiseError {
  override name = 'OutOfMemoryError';

  constructor(message: string, details?: ErrorDetails) {
    super('out-of-memory', message, details);
  }
}

/** A shader that the adapter refused; `details.messages` has file and line of the WGSL source. */
export class ShaderCompileError extends TilewiseError {
  override name = 'ShaderCompileError';

  constructor(message: string, details?: ErrorDetails, cause?: unknown) {
    super('shader-compile', message, details, cause);
  }
}

/** The GPU refused work that was submitted: a defect of this library, reported rather than hidden. */
export class ExecutionError extends TilewiseError {
  override name = 'ExecutionError';

  constructor(message: string, details?: ErrorDetails, cause?: unknown) {
    super('execution', message, details, cause);
  }
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
