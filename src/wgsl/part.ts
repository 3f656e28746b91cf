import type { ShaderPart, ShaderTexts } from './source.ts';

/**
 * One WGSL file.
 *
 * @param path below `shaders/`, without its ending
 */
/* @__NO_SIDE_EFFECTS__ */
export function part(texts: ShaderTexts, path: string): ShaderPart {
  return { path: `${path}.wgsl`, code: texts };
}

/** Files of a folder that define the same functions, by name. */
/* @__NO_SIDE_EFFECTS__ */
export function variants<const Name extends string>(
  texts: ShaderTexts,
  folder: string,
  names: readonly Name[],
): Readonly<Record<Name, ShaderPart>> {
  const entries = names.map((name) => [name, part(texts, `${folder}/${name}`)]);
  return Object.fromEntries(entries) as Record<Name, ShaderPart>;
}
