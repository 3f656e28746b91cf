import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION = packageJson.version;

/** Version of the npm package `webgpu`, which is Dawn, or null where it is not installed. */
export function webgpuVersion(): string | null {
  try {
    const file = createRequire(import.meta.url).resolve('webgpu/package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    return null;
  }
}
