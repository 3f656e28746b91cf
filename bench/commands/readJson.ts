import { readFileSync } from 'node:fs';
import { UsageError } from '../exitCodes.ts';

/**
 * Reads a file that the user gave.
 *
 * @param named how the user gave it, for messages, for instance `--results out.json`
 * @throws UsageError where it cannot be read, or is no JSON
 */
export function readJson(file: string, named: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${named}: cannot be read as JSON (${(error as Error).message})`);
  }
}
