import { openDevice, type Explanation, type TuningRecord } from 'tilewise';
import { formatCount } from '../format.ts';
import { messageOf, sentence } from '../text.ts';
import { familyOf } from '../workloads/families.ts';
import type { Workload } from '../workloads/workload.ts';
import { describeConfig } from './explained.ts';

/** What came of tuning, as far as it is. */
export type Tuning =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly words: string }
  | { readonly kind: 'tuned'; readonly record: TuningRecord }
  /** Without a record: it was stopped, or could not be done. */
  | { readonly kind: 'ended'; readonly words: string };

/** A visitor's patience. */
const BUDGET_MS = 20_000;

/** Tunes the class of a call's problem on a device of its own, and keeps the record in the browser's IndexedDB. Never rejects. */
export async function tuneFor(
  call: Explanation,
  workload: Workload,
  signal: AbortSignal,
  onProgress: (words: string) => void,
): Promise<Tuning> {
  try {
    const { tune } = await import('tilewise/tune');
    const { records, leftOut } = await tune(openDevice, {
      calls: [{ ...call, shapeText: familyOf(workload).shapeText(workload) }],
      budgetMs: BUDGET_MS,
      signal,
      onProgress(progress) {
        if (progress.kind === 'trying') {
          const { number, candidateCount, candidate } = progress;
          const which = `${formatCount(number)} of ${formatCount(candidateCount)}`;
          onProgress(`Trying ${which}: ${candidate.kernel} ${describeConfig(candidate.config)}`);
        }
        if (progress.kind === 'comparing') onProgress('Repeating the best in turns…');
      },
    });
    const [record] = records;
    if (record) return { kind: 'tuned', record };
    return { kind: 'ended', words: sentence(leftOut.map(({ reason }) => reason).join('; ')) };
  } catch (error) {
    const stopped = 'Stopped. What was measured is kept, and the next time goes on from there.';
    return { kind: 'ended', words: signal.aborted ? stopped : sentence(messageOf(error)) };
  }
}
