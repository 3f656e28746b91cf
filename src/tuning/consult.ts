import type { Operation } from '../kernels/define.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Plan } from '../runtime/plan.ts';
import { measured } from '../kernels/measures.ts';
import { candidatesChecksum } from './checksum.ts';
import { sameClass } from './sameClass.ts';
import {
  classOf,
  gpuKey,
  type Consult,
  type Consultation,
  type RecordBook,
  type TuningNote,
  type TuningRecord,
} from './records.ts';

/**
 * What the first book that has a record for a problem, on this GPU, says about it; the next is asked where it is of no use. In a
 * module of its own, loaded where there are records.
 */
export function consultant(books: readonly RecordBook[]): Consult {
  return (operation, problem, caps, runs) => consult(books, operation, problem, caps, runs);
}

function consult<P>(
  books: readonly RecordBook[],
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  runs: (plan: Plan) => boolean,
): Consultation<P> {
  const wanted = classOf(measured(operation), problem);
  const gpu = gpuKey(caps.adapter);
  let useless: TuningNote | undefined;
  for (const { source, records } of books) {
    const record = records.find((candidate) => candidate.gpu === gpu && sameClass(candidate, wanted));
    if (!record) continue;
    const which = `the record of ${record.problem}, ${record.measuredAt.slice(0, 10)} (${source})`;
    if (record.checksum !== candidatesChecksum(operation)) {
      useless ??= {
        state: 'stale',
        text: `${which} is stale: kernels have changed since; \`npx tilewise tune ${record.op}\` makes a new one`,
      };
      continue;
    }
    const choice = firstThatRuns(record, operation, problem, caps, runs);
    if (choice) {
      const driver = caps.adapter.description;
      const other = record.driver === driver ? '' : `, made with another driver (${record.driver})`;
      return { choice, note: { state: 'used', text: `${which}${other}` } };
    }
    useless ??= { state: 'unsuitable', text: `nothing that ${which} prefers is legal for this problem` };
  }
  return useless ? { note: useless } : {};
}

function firstThatRuns<P>(
  { ranking }: TuningRecord,
  { kernels }: Operation<P>,
  problem: P,
  caps: Capabilities,
  runs: (plan: Plan) => boolean,
): Consultation<P>['choice'] {
  for (const { kernel: name, config } of ranking) {
    const kernel = kernels.find((candidate) => candidate.name === name);
    if (kernel?.supports(problem, caps) !== true || !kernel.legal(config, problem, caps)) continue;
    if (runs(kernel.plan(problem, config, caps))) return { kernel, config };
  }
  return undefined;
}
