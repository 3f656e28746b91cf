import { Option, type Command } from '@commander-js/extra-typings';
import {
  type Accelerator,
  accelerators,
  findAccelerator,
  findInstances,
  type Instance,
  nearest,
  parseAccelerator,
} from '../catalog/index.ts';
import {
  acceleratorInstance,
  estimate,
  estimateTransformers,
  type EstimateRequest,
  type EstimateRow,
  type Profile,
  type SortKey,
  type TransformerRow,
} from '../estimate/index.ts';
import { toCsv } from '../report/csvFile.ts';
import { renderEstimates } from '../report/estimates.ts';
import { renderExplanation } from '../report/explanation.ts';
import { renderTransformers } from '../report/transformers.ts';
import { SCHEMA_VERSION } from '../schema.ts';
import { allWorkloads, LLAMA_3_1_8B, type ModelShape } from '../suites/index.ts';
import { readModelShape } from './modelShape.ts';
import { collect, oneOf, PROVIDERS, wholeNumber } from './arguments.ts';
import { committedResults } from './committedResults.ts';
import { measuredIn, operationsOf, toResultRow, toRun } from './estimates.ts';
import { EXIT, EXIT_HELP, UsageError, withGiven } from '../exitCodes.ts';
import { openOutputs } from './outputs.ts';
import { readJson } from './readJson.ts';
import { readResultsFile } from './resultsFile.ts';
import { parseWorkload, WORKLOAD_HELP } from './workloadSpec.ts';

/** `tilewise estimate` as the command line gives it. */
export interface EstimateOptions {
  /** Specifications; the benchmark's representative workloads unless given. */
  readonly workloads?: readonly string[] | undefined;
  readonly model?: ModelShape | undefined;
  /** A file that `tilewise bench --json` wrote. */
  readonly results?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  readonly instances?: readonly string[] | undefined;
  /** Bare accelerators instead of instances: `ID`, `ID=COUNT`, or the same with the path of a JSON file. */
  readonly accelerators?: readonly string[] | undefined;
  readonly sort: SortKey;
  readonly profile?: Profile | undefined;
  readonly pricing: 'on-demand' | 'spot';
  readonly top: number;
  /** Show how the first rows came about. */
  readonly explain: boolean;
  readonly json?: string | undefined;
  readonly csv?: string | undefined;
}

/** Adds `tilewise estimate`. */
export function registerEstimate(program: Command): void {
  program
    .command('estimate')
    .description('estimate what cloud instances yield, without measuring')
    .option('--workload <spec>', 'an operation at a shape, or a transformer; may be repeated', collect)
    .option(
      '--results <file>',
      'rest the estimates on what `tilewise bench --json` measured; else on bench/results and data sheets',
    )
    .option(
      '--config <file>',
      "without --workload: shapes from a model's Hugging Face config.json (default: Llama-3.1-8B)",
    )
    .option('--provider <name...>', 'these providers only', oneOf(PROVIDERS))
    .option('--instance <type...>', 'these instance types only')
    .option(
      '--accelerator <id>',
      'ID or ID=COUNT of the catalogue, or the path of a JSON file with its figures; instead of instance types; may be repeated',
      collect,
    )
    .addOption(
      new Option('--sort <key>', 'what comes first').choices(['usd', 'throughput', 'energy']).default('usd'),
    )
    .addOption(
      new Option(
        '--profile <name>',
        "whose kernels: this project's, or the vendor's library (default: tilewise with --results or without --workload)",
      ).choices(['tilewise', 'vendor']),
    )
    .addOption(
      new Option('--pricing <kind>', 'the price to prefer')
        .choices(['on-demand', 'spot'])
        .default('on-demand'),
    )
    .option('--top <n>', 'instance types shown of each workload', wholeNumber(0), 5)
    .option('--explain', 'show formula, inputs and sources of the first row of each workload')
    .option('--json <file>', 'write all rows as JSON, explanations too; - for standard output')
    .option('--csv <file>', 'write all rows as CSV; - for standard output')
    .addHelpText('after', `\n${WORKLOAD_HELP}\n\n${EXIT_HELP}`)
    .action((options) => {
      process.exitCode = runEstimate({
        workloads: options.workload,
        model: options.config === undefined ? undefined : readModelShape(options.config),
        results: options.results,
        providers: options.provider,
        instances: options.instance,
        accelerators: options.accelerator,
        sort: options.sort,
        profile: options.profile,
        pricing: options.pricing,
        top: options.top,
        explain: options.explain ?? false,
        json: options.json,
        csv: options.csv,
      });
    });
}

/**
 * Prints, and writes if asked to, the estimates of operations and transformers on instance types.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
export function runEstimate(options: EstimateOptions): number {
  const { results, providers, sort, pricing } = options;
  // Whoever names accelerators wants to see all of them.
  const top = Math.max(options.top, options.accelerators?.length ?? 0);
  const asked = (options.workloads ?? []).map(parseWorkload);
  const operations =
    options.workloads === undefined
      ? operationsOf(allWorkloads(options.model ?? LLAMA_3_1_8B, true, 'default'))
      : asked.flatMap((workload) => (workload.kind === 'operation' ? workload.operation : []));
  const transformers = asked.flatMap((workload) =>
    workload.kind === 'transformer' ? workload.workload : [],
  );
  if (results !== undefined && operations.length === 0) {
    throw new UsageError(
      `--results ${results}: what was measured bears on operations; transformers are estimated as the engines of the vendors run ` +
        'them. Leave --workload out, or name an operation',
    );
  }
  const measured = (
    results === undefined ? committedResults() : [readResultsFile(results, `--results ${results}`)]
  ).map(measuredIn);
  const profile =
    options.profile ?? (results !== undefined || options.workloads === undefined ? 'tilewise' : 'vendor');
  const { json, csv, stream, width } = openOutputs(options);
  const common = {
    today: new Date().toISOString().slice(0, 10),
    sort,
    pricing,
    ...(providers && { providers }),
    ...(options.instances && { instances: chosenInstances(options.instances, providers) }),
    ...(options.accelerators && bareAccelerators(options)),
  };
  const ofOperations =
    operations.length === 0
      ? { rows: [], notices: [] }
      : withGiven(() => estimate({ ...common, workloads: operations, profile, runs: measured.map(toRun) }));
  const ofTransformers =
    transformers.length === 0
      ? { rows: [], notices: [] }
      : withGiven(() => estimateTransformers({ ...common, workloads: transformers }));
  refuseWhatIsKnownNowhere(ofOperations.rows);
  refuseWhatFitsNowhere(ofTransformers.rows);

  const sections: string[] = [];
  if (ofOperations.rows.length > 0) {
    const { rows, notices } = ofOperations;
    sections.push(renderEstimates({ rows: rows.map(toResultRow), notices, top, sort, profile }, width));
  }
  if (ofTransformers.rows.length > 0) sections.push(renderTransformers({ ...ofTransformers, top }, width));
  if (options.explain) {
    for (const row of firstOfEach([...ofOperations.rows, ...ofTransformers.rows])) {
      const title = `${row.workload} on ${row.provider} ${row.instanceType}`;
      sections.push(renderExplanation(title, row.explanation, width));
    }
  }
  stream.write(`${sections.join('\n\n')}\n`);
  const notices = [...new Set([...ofOperations.notices, ...ofTransformers.notices])];
  json?.write({
    schema: SCHEMA_VERSION,
    estimates: ofOperations.rows.map((row) => ({ ...row, ...toResultRow(row) })),
    transformers: ofTransformers.rows,
    notices,
  });
  csv?.write(
    toCsv([...ofOperations.rows.map((row) => ({ ...row, ...toResultRow(row) })), ...ofTransformers.rows]),
  );
  return EXIT.ok;
}

type AnyRow = EstimateRow | TransformerRow;

function firstOfEach<Row extends AnyRow>(rows: readonly Row[]): readonly Row[] {
  const first = new Map<string, Row>();
  for (const row of rows) if (!first.has(row.workload)) first.set(row.workload, row);
  return [...first.values()];
}

/** An operation that nothing asked for has a rate for is a mistake of whoever asks. */
function refuseWhatIsKnownNowhere(rows: readonly EstimateRow[]): void {
  for (const row of firstOfEach(rows)) {
    if (rows.some(({ workload, tflops }) => workload === row.workload && tflops !== null)) continue;
    const why = row.explanation.formula.replace('none: ', '');
    throw new UsageError(`${row.workload}: no estimate; on ${row.instanceType}: ${why}`);
  }
}

/** A transformer that no instance asked for can hold is a mistake of whoever asks. */
function refuseWhatFitsNowhere(rows: readonly TransformerRow[]): void {
  for (const workload of new Set(rows.map((row) => row.workload))) {
    const own = rows.filter((row) => row.workload === workload);
    const row = own.find(({ fits }) => fits === false);
    if (!row || own.some(({ fits }) => fits === true)) continue;
    const none = own.length === 1 ? 'does not fit' : `fits on none of the ${own.length} asked for`;
    throw new UsageError(
      `--workload ${workload}: ${none}; on ${row.instanceType}: ${row.explanation.formula.replace('none: ', '')}`,
    );
  }
}

/** Accelerators without a provider, from the catalogue or from files. */
function bareAccelerators({
  accelerators: given = [],
  instances: types,
  providers,
}: EstimateOptions): Required<Pick<EstimateRequest, 'accelerators' | 'instances'>> {
  if (types || providers) throw new UsageError('--accelerator: not together with --instance or --provider');
  const counted = given.map((text) => {
    const [, name = text, digits] = /^(.*)=([^=]*)$/.exec(text) ?? [];
    const count = digits === undefined ? 1 : Number(digits);
    if (!(Number.isSafeInteger(count) && count >= 1)) {
      throw new UsageError(`--accelerator ${text}: expected a whole number of at least 1 after the =`);
    }
    return { accelerator: acceleratorNamed(name), count };
  });
  return {
    accelerators: counted.map(({ accelerator }) => accelerator),
    instances: counted.map(({ accelerator, count }) => acceleratorInstance(accelerator, count)),
  };
}

function acceleratorNamed(name: string): Accelerator {
  const known = findAccelerator(name.toLowerCase());
  if (known) return known;
  if (!name.endsWith('.json')) {
    // Whoever misspells an id leaves its vendor out as a rule.
    const ids = new Map(accelerators.map(({ id }) => [id.replace(/^[a-z]+-/, ''), id]));
    const found = nearest(name.replace(/^(nvidia|amd)-/, ''), [...ids.keys()], 3).map((short) =>
      ids.get(short),
    );
    throw new UsageError(
      `--accelerator ${name}: no accelerator of that id; nearest: ${found.join(', ')}. The path of a JSON file does too`,
    );
  }
  const json = readJson(name, `--accelerator ${name}`);
  return withGiven(() => parseAccelerator(json, name), '--accelerator ');
}

function chosenInstances(
  names: readonly string[],
  providers: readonly string[] | undefined,
): readonly Instance[] {
  return names.flatMap((name) => {
    const { matches, suggestions } = findInstances(name);
    if (matches.length === 0) {
      throw new UsageError(
        `--instance ${name}: no instance type of that name; nearest: ${suggestions.join(', ')}`,
      );
    }
    const offered = matches.filter(({ provider }) => providers?.includes(provider) ?? true);
    if (offered.length > 0) return offered;
    const who = [...new Set(matches.map(({ provider }) => provider))].join(', ');
    throw new UsageError(`--instance ${name}: ${who} has it, ${providers!.join(', ')} does not`);
  });
}
