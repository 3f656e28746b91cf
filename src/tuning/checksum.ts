import type { Operation } from '../kernels/define.ts';
import { fnv1a, shaderDigest } from '../wgsl/digest.ts';
import { digests } from './digests.ts';

/** An operation has many parts, and many problems ask for it. */
const checksums = new WeakMap<object, string>();

/** Of the names, spaces and WGSL files of an operation's kernels: what a tuning record is valid for. */
export function candidatesChecksum<P>({ kernels }: Pick<Operation<P>, 'kernels'>): string {
  const known = checksums.get(kernels);
  if (known !== undefined) return known;
  const parts = kernels.flatMap(({ name, space, parts }) => [
    name,
    JSON.stringify(space),
    ...parts.map(({ path, code }) => (typeof code === 'string' ? shaderDigest(code) : digests[path])),
  ]);
  const checksum = fnv1a(parts.join('\0'));
  checksums.set(kernels, checksum);
  return checksum;
}
