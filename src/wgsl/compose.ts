/** Loads the texts of WGSL files that are needed together, by `./` and their paths below `shaders/`. */
export type ShaderTexts = () => Promise<{ readonly default: Readonly<Record<string, string>> }>;

/** One WGSL file: its path below `shaders/`, which identifies it, and its text, or the texts that it is among. */
export interface ShaderPart {
  readonly path: string;
  readonly code: string | ShaderTexts;
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
  /** The text given to the driver. */
  readonly code: string;
  /** Where a 1-based line of `code` comes from, or undefined for the lines that the host wrote. */
  locate(line: number): SourceLocation | undefined;
}

/**
 * Identifies a shader before its files are loaded: it is the text with the paths of files for what is in them.
 *
 * @throws RangeError for a constant that is not a boolean or a non-negative 32-bit integer.
 */
export function shaderKey(source: ShaderSource): string {
  const parts = distinctParts(source).map(({ path, code }) => (typeof code === 'string' ? code : path));
  return [...headerOf(source), ...parts].join('\n');
}

/**
 * Joins WGSL files into one shader: directives, aliases, constants, then the parts in order, each once.
 * The parts stay plain WGSL; there is no preprocessor. A variant is another part that defines the same function.
 *
 * @throws RangeError for a constant that is not a boolean or a non-negative 32-bit integer; what an import throws whose module
 *   cannot be had.
 */
export async function composeShader(source: ShaderSource): Promise<ComposedShader> {
  const lines = headerOf(source);
  const parts = distinctParts(source);
  const texts = await Promise.all(parts.map(textOf));
  const starts: { readonly origin: string; readonly firstLine: number }[] = [];
  for (const [index, { path, origin = `shaders/${path}` }] of parts.entries()) {
    lines.push(`// ${path}`);
    starts.push({ origin, firstLine: lines.length + 1 });
    lines.push(...texts[index]!.trimEnd().split('\n'));
  }
  return {
    code: `${lines.join('\n')}\n`,
    locate(line) {
      const start = starts.findLast((candidate) => candidate.firstLine <= line);
      return start && { path: start.origin, line: line - start.firstLine + 1 };
    },
  };
}

function headerOf({ extensions, aliases = {}, constants = {} }: ShaderSource): string[] {
  return [
    ...[...new Set(extensions)].map((extension) => `enable ${extension};`),
    ...Object.entries(aliases).map(([name, type]) => `alias ${name} = ${type};`),
    ...Object.entries(constants).map(([name, value]) => constantLine(name, value)),
  ];
}

const distinctParts = ({ parts }: ShaderSource): ShaderPart[] => [
  ...new Map(parts.map((part) => [part.path, part])).values(),
];

/** @throws what an import throws whose module cannot be had */
async function textOf({ path, code }: ShaderPart): Promise<string> {
  if (typeof code === 'string') return code;
  const text = (await code()).default[`./${path}`];
  if (text === undefined)
    throw new RangeError(`shaders/${path} is not among the texts that are loaded for it`);
  return text;
}

function constantLine(name: string, value: number | boolean): string {
  if (typeof value === 'boolean') return `const ${name}: bool = ${value};`;
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`WGSL constant ${name} must be a non-negative 32-bit integer, got ${value}`);
  }
  return `const ${name}: u32 = ${value}u;`;
}
