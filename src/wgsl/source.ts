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

/**
 * Identifies a shader before its files are loaded: it is the text with the paths of files for what is in them.
 *
 * @throws RangeError for a constant that is not a boolean or a non-negative 32-bit integer.
 */
export function shaderKey(source: ShaderSource): string {
  const parts = distinctParts(source).map(({ path, code }) => (typeof code === 'string' ? code : path));
  return [...headerOf(source), ...parts].join('\n');
}

/** The lines that the host writes. */
export function headerOf({ extensions, aliases = {}, constants = {} }: ShaderSource): string[] {
  return [
    ...[...new Set(extensions)].map((extension) => `enable ${extension};`),
    ...Object.entries(aliases).map(([name, type]) => `alias ${name} = ${type};`),
    ...Object.entries(constants).map(([name, value]) => constantLine(name, value)),
  ];
}

/** The parts in order, each once. */
export const distinctParts = ({ parts }: ShaderSource): ShaderPart[] => [
  ...new Map(parts.map((part) => [part.path, part])).values(),
];

function constantLine(name: string, value: number | boolean): string {
  if (typeof value === 'boolean') return `const ${name}: bool = ${value};`;
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`WGSL constant ${name} must be a non-negative 32-bit integer, got ${value}`);
  }
  return `const ${name}: u32 = ${value}u;`;
}
