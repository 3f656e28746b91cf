/** FNV-1a: tells texts apart, needs no cryptography. Eight hexadecimal digits. */
export function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Identifies a WGSL file by what it does: comments and white space apart, which builds take out. */
export function shaderDigest(code: string): string {
  const text = code.replaceAll(/\/\/.*$/gm, '').replaceAll(/\s+/g, ' ');
  return fnv1a(text.trim());
}
