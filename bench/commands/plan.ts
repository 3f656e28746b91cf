import { type Command, Option } from '@commander-js/extra-typings';
import { instances, nearest } from '../catalog/index.ts';
import { bestMix, deals, planBudget, type MixPart, type Plan } from '../plan/index.ts';
import { toCsv } from '../report/csvFile.ts';
import { renderPlan } from '../report/plan.ts';
import { SCHEMA_VERSION } from '../schema.ts';
import { collect, notNegative, positive, PROVIDERS } from './arguments.ts';
import { EXIT, EXIT_HELP, UsageError, withGiven } from '../exitCodes.ts';
import { openOutputs } from './outputs.ts';
import { parseWorkload, WORKLOAD_HELP } from './workloadSpec.ts';

/** `tilewise plan` as the command line gives it. */
export interface PlanOptions {
  readonly budget: number;
  readonly years: number;
  readonly provider?: string | undefined;
  readonly mix?: string | undefined;
  /** `TYPE=USD`, an hour. */
  readonly prices?: readonly string[] | undefined;
  readonly workload: string;
  readonly utilisation: number;
  /** A year, or all of the time where that is less, unless given. */
  readonly rampMonths?: number | undefined;
  readonly explain: boolean;
  readonly json?: string | undefined;
  readonly csv?: string | undefined;
}

const DEFAULT_WORKLOAD = 'llama-3.1-70b:in=1024,out=256,weights=fp8,kv=fp8';

/** Adds `tilewise plan`. */
export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('what a budget buys: accelerators, megawatts, tokens over the years, and what they hang on')
    .requiredOption('--budget <usd>', 'dollars, for instance 38e9', positive)
    .requiredOption('--years <n>', 'years that they last', positive)
    .addOption(new Option('--provider <name>', 'of this provider').choices(PROVIDERS))
    .option(
      '--mix <parts>',
      'TYPE=SHARE,… or PROVIDER:TYPE=SHARE,… of the money (default: what yields most tokens for it)',
    )
    .option(
      '--price <type>',
      'TYPE=USD: dollars an hour of an instance type of the mix, under contract or where no list has one; may be repeated',
      collect,
    )
    .option('--workload <spec>', 'the transformer that the machines serve', DEFAULT_WORKLOAD)
    .option('--utilisation <share>', 'share of the hours at work', positive, 0.6)
    .option(
      '--ramp <months>',
      'months in which capacity grows to all of it (default: 12, or all there are)',
      notNegative,
    )
    .option('--explain', 'show prices, power and sources behind the figures')
    .option('--json <file>', 'write everything as JSON; - for standard output')
    .option('--csv <file>', 'write the years as CSV; - for standard output')
    .addHelpText('after', `\n${WORKLOAD_HELP}\n\n${EXIT_HELP}`)
    .action((options) => {
      process.exitCode = runPlan({
        ...options,
        rampMonths: options.ramp,
        prices: options.price,
        explain: options.explain ?? false,
      });
    });
}

/**
 * Prints, and writes if asked to, what a budget buys.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
export function runPlan(options: PlanOptions): number {
  const asked = parseWorkload(options.workload);
  if (asked.kind !== 'transformer') {
    throw new UsageError(`--workload ${options.workload}: a plan needs a transformer, not an operation`);
  }
  const today = new Date().toISOString().slice(0, 10);
  const plan = withGiven((): Plan => {
    const mix =
      options.mix === undefined
        ? bestMix(asked.workload, today, options.provider)
        : parseMix(options.mix, options.provider);
    const { budget, years, utilisation, rampMonths = Math.min(12, 12 * years) } = options;
    return planBudget({
      budgetUsd: budget,
      years,
      mix,
      workload: asked.workload,
      utilisation,
      rampMonths,
      today,
      ...(options.prices && { prices: parsePrices(options.prices) }),
    });
  });
  const { json, csv, stream, width } = openOutputs(options);
  const explained = options.explain ? `\n\n${explain(plan, options.workload)}` : '';
  stream.write(`${renderPlan(plan, deals, width)}${explained}\n`);
  json?.write({ schema: SCHEMA_VERSION, ...plan, deals });
  csv?.write(
    toCsv(plan.outcomes.flatMap(({ kind, years }) => years.map((year) => ({ price: kind, ...year })))),
  );
  return EXIT.ok;
}

/**
 * Reads `p5.48xlarge=0.5,gcp:a3-highgpu-8g=0.5`.
 *
 * @throws UsageError on anything else
 */
export function parseMix(text: string, provider: string | undefined): readonly MixPart[] {
  return text.split(',').map((part) => {
    const [, owner = provider, instanceType, share] =
      /^\s*(?:([a-z-]+):)?([^=]+?)\s*=\s*([\d.e-]+)\s*$/i.exec(part) ?? [];
    if (instanceType === undefined) {
      throw new UsageError(`--mix ${text}: expected TYPE=SHARE, got ${JSON.stringify(part)}`);
    }
    if (provider !== undefined && owner !== provider) {
      throw new UsageError(`--mix ${text}: ${JSON.stringify(part)} is not of --provider ${provider}`);
    }
    const found = owner ?? instances.find((instance) => instance.instanceType === instanceType)?.provider;
    if (found === undefined) {
      const names = instances.map((instance) => instance.instanceType);
      throw new UsageError(
        `--mix ${text}: no instance type "${instanceType}"; nearest: ${nearest(instanceType, names, 3).join(', ')}`,
      );
    }
    return { provider: found, instanceType, share: Number(share) };
  });
}

function parsePrices(texts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, type, usd] = /^(.+)=\s*([\d.e+-]+)$/i.exec(text.trim()) ?? [];
      if (type === undefined) throw new UsageError(`--price ${text}: expected TYPE=USD, dollars an hour`);
      return [type.trim(), Number(usd)];
    }),
  );
}

function explain({ request, outcomes }: Plan, workload: string): string {
  const lines = outcomes.flatMap(({ parts }) =>
    parts.map(
      ({ provider, instanceType, price, accelerators, megawatts, tokensPerSecond }) =>
        `${instanceType}, ${price.kind}: accelerators = budget x share / (${price.usdPerAcceleratorHour.toFixed(4)} USD/h x ` +
        `(${request.years} years - ramp / 2) x 8766 h) = ${accelerators.toFixed(0)}; price: ${price.source}` +
        `; power: ${megawatts === null ? 'unknown' : `${megawatts.toFixed(2)} MW`}, ${tokensPerSecond.toFixed(0)} tokens/s: ` +
        `tilewise estimate --workload ${workload} --provider ${provider} --instance "${instanceType}" --explain`,
    ),
  );
  return ['tokens = tokens/s x 3600 x 8766 h x (years - ramp / 2) x utilisation', ...lines].join('\n');
}
