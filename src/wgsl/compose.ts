import { distinctParts, headerOf, type ShaderPart, type ShaderSource } from './source.ts';

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

/** @throws what an import throws whose module cannot be had */
async function textOf({ path, code }: ShaderPart): Promise<string> {
  if (typeof code === 'string') return code;
  const text = (await code()).default[`./${path}`];
  if (text === undefined)
    throw new RangeError(`shaders/${path} is not among the texts that are loaded for it`);
  return text;
}
