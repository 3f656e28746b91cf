import type { FleetMachine } from './machines.ts';

/** What runs on each machine. */
export interface FleetJob {
  /** Arguments of `tilewise` beyond where the results go. */
  readonly args: readonly string[];
  readonly spot: boolean;
}

export interface FleetFile {
  readonly name: string;
  readonly text: string;
  readonly executable: boolean;
}

/**
 * Writes the files of an engine: one for each machine, and `run.sh`, which starts all of them at once and brings the results back.
 *
 * @throws RangeError where the engine does not serve a machine
 */
export type FleetEngine = (machines: readonly FleetMachine[], job: FleetJob) => readonly FleetFile[];

/** The bundle's name beside the files. */
export const BUNDLE = 'tilewise-bench.run';

/** What a container is to be let have of the driver; graphics is Vulkan. */
export const DRIVER_CAPABILITIES = 'graphics,compute,utility';

/** The benchmark as a command line for a POSIX shell. */
export function benchCommand({ instance }: FleetMachine, { args }: FleetJob, json: string): string {
  const words = [
    'bench',
    ...args,
    '--instance',
    `${instance.provider}:${instance.instanceType}`,
    '--json',
    json,
  ];
  return `sh ${BUNDLE} ${words.map(quoted).join(' ')}`;
}

function quoted(word: string): string {
  return /^[\w./:,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A script that runs `one NAME` for every machine at once.
 *
 * @param one the body of that function: it writes results/NAME.json
 */
export function runScript(
  machines: readonly FleetMachine[],
  { title, checks, one }: { readonly title: string; readonly checks: string; readonly one: string },
): FleetFile {
  const text = `#!/bin/sh
# ${title}
# Results come to results/NAME.json, what the engine says to results/NAME.log.
set -u
cd "$(dirname "$0")" || exit 1
[ -f ${BUNDLE} ] || { echo 'put ${BUNDLE} here first: npm run bundle' >&2; exit 1; }
${checks}mkdir -p results || exit 1

one() {
${one
  .trimEnd()
  .split('\n')
  .map((line) => (line === '' ? '' : `  ${line}`))
  .join('\n')}
}

for name in ${machines.map(({ name }) => name).join(' ')}; do
  rm -f "results/$name.json"
  one "$name" >"results/$name.log" 2>&1 &
done
wait

failed=0
for name in ${machines.map(({ name }) => name).join(' ')}; do
  [ -s "results/$name.json" ] || { failed=1; echo "$name: no result; see results/$name.log" >&2; }
done
echo 'Then: npx tilewise report results/*.json --html report.html'
exit $failed
`;
  return { name: 'run.sh', text, executable: true };
}
