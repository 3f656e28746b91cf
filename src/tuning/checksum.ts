import type { Operation } from '../kernels/define.ts';

/**
 * FNV-1a over the names, spaces and WGSL texts of an operation's kernels, comments apart: tells texts apart, needs no
 * cryptography.
 */
export function candidatesChecksum<P>({ kernels }: Pick<Operation<P>, 'kernels'>): string {
  const known = checksums.get(kernels);
  if (known !== undefined) return known;
  const text = kernels
    .flatMap(({ name, space, parts }) => [
      name,
      JSON.stringify(space),
      ...parts.map(({ code }) => withoutComments(code)),
    ])
    .join('\0');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  const checksum = (hash >>> 0).toString(16).padStart(8, '0');
  checksums.set(kernels, checksum);
  return checksum;
}

/** What the builds leave of a text, and white space apart: a record is as good for the one as for the other. */
function withoutComments(code: string): string {
  return code
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** An operation's text is long, and many problems ask for it. */
const checksums = new WeakMap<object, string>();
