/**
 * `npm test`: all unit and GPU tests, on the best adapter there is. Arguments go to Vitest.
 *
 *   npm test                                      everything
 *   npm test -- test/gpu/matmul.test.ts           some files
 *   npm test -- --project unit                    without a GPU
 *   TILEWISE_ADAPTER=software npm test            on the software GPU, whatever else there is
 *
 * Exit codes: Vitest's own; 3 where the GPU tests could not run for lack of an adapter.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chooseAdapter, runWithAdapter } from './adapter.mjs';

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
if (!existsSync(vitest)) {
  say('Vitest is not installed here; run `npm ci` first.');
  process.exit(1);
}
const args = process.argv.slice(2);
const named = args.flatMap(
  (arg, i) => /^--project(?:=(.*))?$/.exec(arg)?.[1] ?? (args[i - 1] === '--project' ? arg : []),
);
const namesProject = named.length > 0;
const onlyUnit = namesProject && named.every((name) => name === 'unit');

const adapter = await chooseAdapter({ onProgress: say, ...(onlyUnit && { mode: 'none' }) });
if (!onlyUnit) say(`Tests run with ${process.version} on ${adapter.summary}`);
if (adapter.warning !== null) say(adapter.warning);

const without = adapter.kind === 'none' && !namesProject;
const projects = namesProject
  ? []
  : without
    ? ['--project', 'unit']
    : ['--project', 'unit', '--project', 'gpu'];
const code = await runWithAdapter(adapter, [vitest, 'run', ...projects, ...args]);
if (without) {
  say(
    [
      '',
      `The GPU tests did not run: ${adapter.summary}.`,
      'They need a WebGPU adapter. On Debian and Ubuntu a software one is set up here by itself, without root, which',
      'needs a network and about 600 MB in ~/.cache (or TILEWISE_CACHE_DIR). Elsewhere install a Vulkan driver:',
      '`npm run doctor` says what is missing and names the command. The unit tests alone: npm test -- --project unit',
    ].join('\n'),
  );
}
process.exit(without && code === 0 ? 3 : code);
