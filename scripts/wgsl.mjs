import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shaderDigest } from '../src/wgsl/digest.ts';

const shaders = join(import.meta.dirname, '../shaders');

/**
 * A WGSL file without comments, indentation, and the spaces beside punctuation; those between two signs stay, since `- -x` is not
 * `--x`. Lines stay where they are, so messages still name file and line.
 *
 * @param {string} text
 */
export function strippedWgsl(text) {
  const lines = text.split('\n').map((line) =>
    line
      // WGSL has no strings, so `//` always begins a comment.
      .replace(/\/\/.*$/, '')
      .trim()
      .replaceAll(/(?<=\w) (?=[^\w\s])|(?<=[^\w\s]) (?=\w)|(?<=[,;(){}[\]]) | (?=[,;(){}[\]])/g, ''),
  );
  return lines.join('\n');
}

/**
 * For builds: strips imported WGSL files.
 *
 * @returns {import('vite').Plugin}
 */
function strippedTexts() {
  return {
    name: 'wgsl-texts',
    apply: 'build',
    transform: {
      filter: { id: /\.wgsl\?raw$/ },
      /** @param {string} code */
      handler(code) {
        /** @type {string} The module is `export default "…"`. */
        const text = JSON.parse(code.slice(code.indexOf('"'), code.lastIndexOf('"') + 1));
        return { code: `export default ${JSON.stringify(strippedWgsl(text))};`, map: null };
      },
    },
  };
}

/**
 * For builds: puts digests of all WGSL files in the place of their texts, from which `src/tuning/digests.ts` would make them.
 *
 * @returns {import('vite').Plugin}
 */
function digests() {
  return {
    name: 'wgsl-digests',
    apply: 'build',
    load: {
      filter: { id: /\/src\/tuning\/digests\.ts$/ },
      handler() {
        const files = readdirSync(shaders, { recursive: true, encoding: 'utf8' })
          .filter((path) => path.endsWith('.wgsl'))
          .map((path) => path.replaceAll('\\', '/'))
          .sort();
        const digests = files.map((path) => [path, shaderDigest(readFileSync(join(shaders, path), 'utf8'))]);
        return { code: `export const digests = ${JSON.stringify(Object.fromEntries(digests))};`, map: null };
      },
    },
  };
}

/** What builds do with WGSL. */
export const wgsl = () => [strippedTexts(), digests()];
