import type { Command } from '@commander-js/extra-typings';
import { findAccelerator, instances } from '../catalog/index.ts';
import { estimate } from '../estimate/index.ts';
import { openTextTarget } from '../report/jsonFile.ts';
import { buildReport } from '../report/page/buildReport.ts';
import { renderHtml } from '../report/page/html.ts';
import { renderMarkdown } from '../report/page/markdown.ts';
import { allWorkloads, LLAMA_3_1_8B, type ModelShape } from '../suites/index.ts';
import { readModelShape } from './modelShape.ts';
import { oneOf, PROVIDERS } from './arguments.ts';
import { measuredIn, operationsOf, toResultRow, toRun } from './estimates.ts';
import { EXIT, EXIT_HELP, UsageError } from '../exitCodes.ts';
import { readResultsFile } from './resultsFile.ts';

/** `tilewise report` as the command line gives it. */
interface ReportCommandOptions {
  /** Files that `tilewise bench --json` wrote. */
  readonly files: readonly string[];
  readonly html?: string | undefined;
  readonly markdown?: string | undefined;
  readonly model?: ModelShape | undefined;
  readonly providers?: readonly string[] | undefined;
}

/** Adds `tilewise report`. */
export function registerReport(program: Command): void {
  program
    .command('report')
    .description('make a page of what `tilewise bench --json` measured, on one machine or many')
    .argument('<files...>', 'what `tilewise bench --json` wrote')
    .option('--html <file>', 'write one page that needs nothing else; - for standard output')
    .option('--markdown <file>', 'write the tables as Markdown; - for standard output')
    .option(
      '--config <file>',
      "estimate a model's shapes, from its Hugging Face config.json (default: Llama-3.1-8B)",
    )
    .option('--provider <name...>', 'estimate these providers only', oneOf(PROVIDERS))
    .addHelpText('after', `\n${EXIT_HELP}`)
    .action((files, { html, markdown, config, provider }) => {
      process.exitCode = runReport({
        files,
        html,
        markdown,
        model: config === undefined ? undefined : readModelShape(config),
        providers: provider,
      });
    });
}

/** Those whose accelerators WebGPU reaches: on others none of this runs. */
const REACHED_INSTANCES = instances.filter(
  ({ acceleratorId }) => findAccelerator(acceleratorId)?.webgpu !== 'no',
);

/**
 * Writes the report of some results files.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
function runReport({ files, html, markdown, model, providers }: ReportCommandOptions): number {
  if (html === undefined && markdown === undefined) {
    throw new UsageError('nothing to write: give --html FILE, --markdown FILE or both');
  }
  if (html === '-' && markdown === '-') {
    throw new UsageError('--html - and --markdown - cannot both have standard output');
  }
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) throw new UsageError(`${twice} is given twice`);
  const inputs = files.map((file) => ({ file, result: readResultsFile(file) }));
  const targets = [
    ...(html === undefined ? [] : [{ target: openTextTarget('--html', html), render: renderHtml, to: html }]),
    ...(markdown === undefined
      ? []
      : [{ target: openTextTarget('--markdown', markdown), render: renderMarkdown, to: markdown }]),
  ];
  const today = new Date().toISOString().slice(0, 10);
  const { rows, notices } = estimate({
    workloads: operationsOf(allWorkloads(model ?? LLAMA_3_1_8B, true, 'default')),
    runs: inputs.map(({ result }) => toRun(measuredIn(result))),
    today,
    instances: REACHED_INSTANCES,
    ...(providers && { providers }),
  });
  const report = buildReport(inputs, { today, estimates: rows.map(toResultRow), notices });
  for (const { target, render, to } of targets) {
    target.write(render(report));
    if (to !== '-') process.stderr.write(`Written to ${to}.\n`);
  }
  return EXIT.ok;
}
