import pc from 'picocolors';
import { modeFromEnvironment, withBestAdapter } from '../../scripts/adapter.mjs';
import { DeviceUnavailableError, openDevice, type Device } from '../../src/node.ts';
import type { Progress } from '../report/progress.ts';
import { CommandError, EXIT, withGiven } from '../exitCodes.ts';

/** The adapter as commands are told of it. */
export interface AdapterOptions {
  /** `hardware`, `software`, `cpu`, or part of an adapter's name. */
  readonly adapter?: string | undefined;
  /** Keeps the driver's bounds checks on. */
  readonly checked?: boolean | undefined;
  /** Whether kernels are chosen by tuned records, as the library does it. */
  readonly tuned?: boolean | undefined;
}

/** What `withBestAdapter` found. */
export type AdapterChoice = Awaited<ReturnType<typeof withBestAdapter>>;
type AdapterMode = ReturnType<typeof modeFromEnvironment>;

/** Looks for the best adapter of the kind asked for, and starts the process over where it takes another Node to see it. */
export async function findAdapter({ adapter }: AdapterOptions, progress: Progress): Promise<AdapterChoice> {
  const choice = await withBestAdapter({
    mode: adapterMode(adapter),
    onProgress: (line) => progress.line(line),
  });
  if (choice.warning !== null) progress.line(pc.yellow(choice.warning));
  return choice;
}

function adapterMode(adapter: string | undefined): AdapterMode {
  if (adapter === undefined) return withGiven(modeFromEnvironment);
  if (adapter === 'hardware' || adapter === 'software') return adapter;
  return adapter === 'cpu' ? 'none' : 'auto';
}

/** The part of an adapter's name that was asked for, if it was one. */
export function adapterName({ adapter }: AdapterOptions): string | undefined {
  return adapter === 'hardware' || adapter === 'software' || adapter === 'cpu' ? undefined : adapter;
}

/**
 * Opens the adapter that was found, or the CPU path where there is none and none was demanded.
 *
 * @throws CommandError where the adapter asked for is not there
 */
export async function openAdapter(
  options: AdapterOptions,
  choice: AdapterChoice,
  progress: Progress,
): Promise<Device> {
  const { adapter, checked = false, tuned = true } = options;
  const demanded = adapter !== undefined && adapter !== 'cpu';
  if (choice.kind === 'none') {
    if (demanded) throw new CommandError(`--adapter ${adapter}: ${choice.summary}`, EXIT.noAdapter);
    if (adapter !== 'cpu') {
      progress.line(
        pc.yellow(`There is no WebGPU adapter (${choice.summary}): everything runs on the CPU path.`),
      );
      progress.line('`npx tilewise doctor` says what is missing and names the command that mends it.');
    }
    return openDevice({ backend: 'cpu' });
  }
  const name = adapterName(options);
  const onWarning = (message: string): void => progress.line(pc.yellow(message));
  try {
    return await openDevice({
      checked,
      tuning: tuned,
      onWarning,
      ...(name !== undefined && { adapter: name }),
    });
  } catch (error) {
    if (!(error instanceof DeviceUnavailableError)) throw error;
    // The rest of the library's advice is for programs.
    throw new CommandError(error.message.replace(/ `npx tilewise run FILE`.*/s, ''), EXIT.noAdapter);
  }
}
