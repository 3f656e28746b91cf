/** One WGSL file: its path below `shaders/`, for messages, and its text. */
export interface ShaderPart {
  readonly path: string;
  readonly code: string;
  /** What messages call it instead, where it is no file. */
  readonly origin?: string;
}

/** A WGSL extension that is switched on with an `enable` directive. */
export type WgslExtension = 'f16' | 'subgroups' | 'chromium_experimental_subgroup_matrix';

/** What a shader is made of. Later parts may use names that earlier ones define, and the reverse: WGSL has no order. */
export interface ShaderSource {
  readonly extensions?: readonly WgslExtension[];
  /** Type names that the parts expect, for instance `{ Elem: 'f16' }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Host constants that the parts expect; numbers become `u32`, so they must be non-negative integers. */
  readonly constants?: Readonly<Record<string, number | boolean>>;
  readonly parts: readonly ShaderPart[];
}

/** Position in one of our WGSL files. */
export interface SourceLocation {
  readonly path: string;
  readonly line: number;
}

export interface ComposedShader {
  /** The text given to the driver; also the key of the pipeline cache. */
  readonly code: string;
  /** Where a 1-based line of `code` comes from, or undefined for the lines that the host wrote. */
  locate(line: number): SourceLocation | undefined;
}

/**
 * Joins WGSL files into one shader: directives, aliases, constants, then the parts in order, each once.
 * The parts stay plain WGSL; there is no preprocessor. A variant is another part that defines the same function.
 *
 * @throws RangeError for a constant that is not a boolean or a non-negative 32-bit integer.
 */
export function composeShader(source: ShaderSource): ComposedShader {
  const header: string[] = [];
  for (const extension of new Set(source.extensions)) header.push(`enable ${extension};`);
  for (const [name, type] of Object.entries(source.aliases ?? {})) header.push(`alias ${name} = ${type};`);
  for (const [name, value] of Object.entries(source.constants ?? {})) header.push(constantLine(name, value));

  const parts = [...new Map(source.parts.map((part) => [part.path, part])).values()];
  const starts: { readonly origin: string; readonly firstLine: number }[] = [];
  const lines = [...header];
  for (const part of parts) {
    lines.push(`// ${part.path}`);
    starts.push({ origin: part.origin ?? `shaders/${part.path}`, firstLine: lines.length + 1 });
    lines.push(...part.code.trimEnd().split('\n'));
  }
  return {
    code: `${lines.join('\n')}\n`,
    locate(line) {
      const start = starts.findLast((candidate) => candidate.firstLine <= line);
      return start && { path: start.origin, line: line - start.firstLine + 1 };
    },
  };
}

function constantLine(name: string, value: number | boolean): string {
  if (typeof value === 'boolean') return `const ${name}: bool = ${value};`;
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`WGSL constant ${name} must be a non-negative 32-bit integer, got ${value}`);
  }
  return `const ${name}: u32 = ${value}u;`;
}
