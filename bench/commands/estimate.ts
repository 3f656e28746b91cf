import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { renderEstimates } from '../report/estimates.ts';
import { openJsonTarget } from '../report/jsonFile.ts';
import { widthOf } from '../report/table.ts';
import { ResultSchema, SCHEMA_VERSION, type BenchResult } from '../schema.ts';
import { allWorkloads, LLAMA_3_1_8B, type ModelShape } from '../suites/index.ts';
import { estimateWorkloads, type MeasuredHere } from './estimates.ts';
import { EXIT, UsageError } from './exitCodes.ts';

export interface EstimateOptions {
  readonly model?: ModelShape | undefined;
  /** A file that `tilewise bench --json` wrote. */
  readonly results?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  readonly top: number;
  readonly json?: string | undefined;
}

/**
 * `tilewise estimate`: the estimates of `tilewise bench` without measuring, from data sheets or from results of a run.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
export function runEstimate({
  model = LLAMA_3_1_8B,
  results,
  providers,
  top,
  json,
}: EstimateOptions): number {
  const run = results === undefined ? undefined : measuredIn(readResults(results));
  const target = json === undefined ? undefined : openJsonTarget(json);
  const { rows, notices } = estimateWorkloads({
    workloads: allWorkloads(model, true, 'default'),
    run,
    providers,
  });
  const stream = json === '-' ? process.stderr : process.stdout;
  stream.write(`${renderEstimates({ rows, notices, top }, widthOf(stream))}\n`);
  target?.write({ schema: SCHEMA_VERSION, estimates: rows, notices });
  return EXIT.ok;
}

/** @throws UsageError when the file is not what `tilewise bench --json` writes */
export function readResults(file: string): BenchResult {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--results ${file}: cannot be read as JSON (${(error as Error).message})`);
  }
  const schema = (json as { schema?: unknown } | null)?.schema;
  if (schema !== SCHEMA_VERSION) {
    throw new UsageError(
      `--results ${file}: expected a file that \`tilewise bench --json\` wrote with schema ${SCHEMA_VERSION}, got schema ${JSON.stringify(schema)}`,
    );
  }
  const parsed = v.safeParse(ResultSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UsageError(`--results ${file}: "${v.getDotPath(issue) ?? ''}": ${issue.message}`);
}

function measuredIn({ adapter, machine, measurements }: BenchResult): MeasuredHere {
  return {
    adapter,
    provider: machine.instance.provider ?? undefined,
    instanceType: machine.instance.instanceType ?? undefined,
    measurements,
  };
}
