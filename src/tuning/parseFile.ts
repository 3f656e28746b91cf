import * as v from 'valibot';
import { ArgumentError } from '../errors.ts';
import { DTYPES } from '../tensor.ts';
import { TUNING_SCHEMA_VERSION, type Candidate, type Outcome, type TuningFile } from './records.ts';

const Text = v.string();
const Positive = v.pipe(v.number(), v.gtValue(0));
const ConfigSchema = v.record(Text, v.union([v.number(), v.boolean()]));
const CandidateSchema = v.object({ kernel: Text, config: ConfigSchema });

const OutcomeSchema = v.variant('result', [
  v.object({
    ...CandidateSchema.entries,
    result: v.picklist(['timed', 'slow']),
    timeNs: v.object({ median: Positive, low: Positive, high: Positive, n: Positive }),
  }),
  v.object({
    ...CandidateSchema.entries,
    result: v.picklist(['wrong', 'failed', 'crashed']),
    reason: Text,
  }),
]);

const FileSchema = v.object({
  schema: v.literal(TUNING_SCHEMA_VERSION),
  gpu: Text,
  records: v.array(
    v.object({
      op: Text,
      dtype: v.picklist(DTYPES),
      shapeClass: Text,
      gpu: Text,
      software: v.boolean(),
      driver: Text,
      boundsChecked: v.boolean(),
      problem: Text,
      checksum: Text,
      measuredAt: v.pipe(Text, v.isoTimestamp()),
      candidateCount: Positive,
      outcomes: v.array(OutcomeSchema),
      untuned: CandidateSchema,
      ranking: v.array(CandidateSchema),
    }),
  ),
});

/**
 * Checks a file of tuning records.
 *
 * @param source where it comes from, for messages
 * @throws ArgumentError saying what is wrong with it
 */
export function parseTuningFile(json: unknown, source: string): TuningFile {
  const parsed = v.safeParse(FileSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  if (path === 'schema' && typeof issue.input === 'number') {
    throw new ArgumentError(
      `${source}: tuning records of another version (schema ${issue.received}; this one reads ${TUNING_SCHEMA_VERSION}): tune again`,
    );
  }
  throw new ArgumentError(
    `${source} is no file of tuning records: ${path === null ? '' : `"${path}": `}${issue.message}`,
  );
}

/** A candidate as it was written, or undefined for anything else. */
export function parseCandidate(json: unknown): Candidate | undefined {
  const parsed = v.safeParse(CandidateSchema, json);
  return parsed.success ? parsed.output : undefined;
}

/** An outcome as it was written, or undefined for anything else. */
export function parseOutcome(json: unknown): Outcome | undefined {
  const parsed = v.safeParse(OutcomeSchema, json);
  return parsed.success ? parsed.output : undefined;
}
