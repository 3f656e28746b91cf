import * as v from 'valibot';
import { ResultSchema, type BenchResult } from '../schema.ts';

/** Every `bench/results/*.json`, bundled: what `tilewise bench --json` wrote on a GPU and somebody committed. */
const FILES: Readonly<Record<string, unknown>> = import.meta.glob('../results/*.json', {
  eager: true,
  import: 'default',
});

/**
 * The committed measurements of this project's kernels, none until a GPU was measured.
 *
 * @throws Error naming the file that is not what `tilewise bench --json` writes
 */
export function committedResults(files: Readonly<Record<string, unknown>> = FILES): readonly BenchResult[] {
  return Object.entries(files).map(([file, json]) => {
    const parsed = v.safeParse(ResultSchema, json);
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    throw new Error(`${file}: "${v.getDotPath(issue) ?? ''}": ${issue.message}`);
  });
}
