/**
 * For builds: takes comments and indentation out of imported WGSL files, which are most of a bundle otherwise. Lines stay
 * where they are, so messages still name file and line.
 *
 * @returns {import('vite').Plugin}
 */
export function wgslText() {
  return {
    name: 'wgsl-text',
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
