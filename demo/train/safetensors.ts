import { Float16Array } from '@petamoriken/float16';
import type { Parameter } from './parameters.ts';

/** The parameters in half precision as a file of the safetensors format: length of the header, header, data. */
export function encodeSafetensors(
  parameters: readonly Parameter[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, values } of parameters) {
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + values.length * 2] };
    offset += values.length * 2;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Filled up with spaces, so that the data is aligned.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const { values } of parameters) {
    file.set(new Uint8Array(new Float16Array(values).buffer), at);
    at += values.length * 2;
  }
  return file;
}
