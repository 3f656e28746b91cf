import * as v from 'valibot';
import { isSoftware } from '../compare/machines.ts';
import { isSound } from '../report/measurements.ts';
import { ResultSchema, type BenchResult } from '../schema.ts';
import { resultsFileName } from './resultsFile.ts';

/** Every `bench/results/*.json`, bundled: what `tilewise bench --json` wrote on a GPU and somebody committed. */
const FILES: Readonly<Record<string, unknown>> = import.meta.glob('../results/*.json', {
  eager: true,
  import: 'default',
});

/**
 * The committed measurements of this project's kernels, the newest first; none until a GPU was measured.
 *
 * @throws Error naming the file that does not belong there: not what `tilewise bench --json` writes, not of a GPU, with a wrong
 *   result, with estimates, or under another name than its own
 */
export function committedResults(files: Readonly<Record<string, unknown>> = FILES): readonly BenchResult[] {
  return Object.entries(files)
    .map(([file, json]) => {
      const problem = whyNotCommitted(file, json);
      if (problem !== undefined) throw new Error(`${file}: ${problem}`);
      return json as BenchResult;
    })
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function whyNotCommitted(file: string, json: unknown): string | undefined {
  const parsed = v.safeParse(ResultSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return `"${v.getDotPath(issue) ?? ''}": ${issue.message}`;
  }
  const result = parsed.output;
  if (isSoftware(result)) return "a processor's times say nothing of a GPU";
  if (!isSound(result)) return 'a result is wrong, or a kernel failed';
  if (result.estimates.length > 0)
    return 'has estimates, which are worked out anew: measure with --no-estimates';
  const name = resultsFileName(result);
  return file.endsWith(`/${name}`) ? undefined : `its name would be ${name}`;
}
