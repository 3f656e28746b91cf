import { shaderDigest } from '../wgsl/digest.ts';

const texts = import.meta.glob<string>('./**/*.wgsl', {
  base: '../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Of each WGSL file, by its path below `shaders/`. Builds put the digests here in the place of the texts (scripts/wgsl.mjs). */
export const digests: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(texts).map(([path, text]) => [path.slice('./'.length), shaderDigest(text)]),
);
