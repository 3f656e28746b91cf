import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shaderDigest } from '../src/wgsl/digest.ts';

const shaders = join(import.meta.dirname, '../shaders');

/**
 * For builds: takes comments and indentation out of imported WGSL files. Lines stay where they are, so messages still name file
 * and line.
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
        // WGSL has no strings, so `//` always begins a comment.
        const lines = text.split('\n').map((line) => line.replace(/\/\/.*$/, '').trim());
        return { code: `export default ${JSON.stringify(lines.join('\n'))};`, map: null };
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
