import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureSoftwareGpu, scriptPath } from './softwareGpu.mjs';

/** @typedef {import('./softwareGpu.mjs').NodeCommand} NodeCommand */
/** @typedef {import('./softwareGpu.mjs').SoftwareGpuResult} SoftwareGpuResult */

/**
 * What Dawn says of itself beyond the standard's GPUAdapterInfo.
 *
 * @typedef {GPUAdapterInfo & { subgroupMatrixConfigs?: Iterable<{ componentType: string, resultComponentType: string,
 *   M: number, N: number, K: number }> }} DawnAdapterInfo
 */

/**
 * An adapter as plain data.
 *
 * @typedef {object} AdapterReport
 * @property {string} vendor
 * @property {string} architecture
 * @property {string} device
 * @property {string} description the driver's own words, its version among them
 * @property {boolean} isSoftware runs on the CPU: its times say nothing about a GPU
 * @property {string[]} features
 * @property {[number | null, number | null]} subgroupSizes smallest and largest
 * @property {{ componentType: string, resultComponentType: string, m: number, n: number, k: number }[]} subgroupMatrixConfigs
 */

/**
 * @typedef {{ ok: true, adapter: AdapterReport }
 *   | { ok: false, reason: 'webgpuMissing' | 'webgpuBroken' | 'noAdapter' | 'crashed' | 'timedOut', message: string }} ProbeResult
 */

/** @typedef {'auto' | 'hardware' | 'software' | 'none'} AdapterMode */

/**
 * Which adapter to run on, and how to start Node.js so that it is found.
 *
 * @typedef {NodeCommand & {
 *   mode: AdapterMode,
 *   kind: 'hardware' | 'software' | 'none',
 *   adapter: AdapterReport | null,
 *   summary: string,
 *   warning: string | null,
 * }} AdapterChoice
 * `mode` is what was asked for. `env` holds only what has to be added to the environment. `summary` is one line for people: the adapter, or why
 * there is none. `warning` says that this machine has a GPU which could not be used.
 */

const modes = /** @type {const} */ (['auto', 'hardware', 'software', 'none']);
const marker = 'TILEWISE_ADAPTER_CHOSEN';

/** Where NVIDIA's manifest lies; the last one is where Kubernetes device plugins mount it and no loader looks. */
const standardManifestDirs = [
  '/usr/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
];
const mountedManifestDirs = ['/usr/local/nvidia/share/vulkan/icd.d', '/usr/local/nvidia/vulkan/icd.d'];

/**
 * Asks Dawn for its best adapter, in a process of its own.
 *
 * @param {Partial<NodeCommand> & { timeoutMs?: number, signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<ProbeResult>}
 */
export async function probeAdapter({
  nodePath = process.execPath,
  env = {},
  timeoutMs = 30_000,
  signal,
} = {}) {
  const child = spawn(nodePath, [scriptPath('probeAdapter.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text));
  /** @type {{ code: number | null, signalName: string | null, error?: Error }} */
  const end = await new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signalName: null, error }));
    child.on('close', (code, signalName) => resolve({ code, signalName }));
  });
  const line = output.split('\n').find((text) => text.startsWith('{'));
  // A driver that crashes on the way out has answered all the same.
  if (line !== undefined) {
    const result = /** @type {ProbeResult} */ (JSON.parse(line));
    return result.ok || errors === ''
      ? result
      : { ...result, message: `${result.message}: ${firstLine(errors)}` };
  }
  if (end.signalName === 'SIGKILL') {
    return { ok: false, reason: 'timedOut', message: `no answer within ${timeoutMs / 1000} s` };
  }
  const how = end.error?.message ?? (end.signalName === null ? `exit code ${end.code}` : end.signalName);
  return {
    ok: false,
    reason: 'crashed',
    message: `the process that asked Dawn ended with ${how}: ${firstLine(errors)}`,
  };
}

/** @param {string} text */
function firstLine(text) {
  return (text.trim().split('\n', 1)[0] ?? '').replace(/^(Warning|Error): /, '');
}

/**
 * @param {readonly string[]} dirs
 * @returns {string[]} NVIDIA's driver manifests in these folders
 */
function nvidiaManifests(dirs) {
  return dirs
    .filter((dir) => existsSync(dir))
    .flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)))
    .filter((path) => /nvidia[^/]*\.json$/.test(path));
}

/** @param {readonly string[]} manifests */
function driverFiles(manifests) {
  const list = manifests.join(':');
  return { VK_DRIVER_FILES: list, VK_ICD_FILENAMES: list };
}

/**
 * @typedef {object} Machine what chooseAdapter() asks of the machine; tests put their own in its place
 * @property {(command: Partial<NodeCommand>) => Promise<ProbeResult>} probe
 * @property {() => Promise<SoftwareGpuResult>} makeSoftwareGpu
 * @property {string[]} standardManifests NVIDIA's driver manifests where the loader looks
 * @property {string[]} mountedManifests NVIDIA's driver manifests where it does not
 * @property {boolean} namesDriver the environment says which driver to use: no other is looked for
 * @property {boolean} hasNvidiaDevice
 */

/**
 * @param {((line: string) => void) | undefined} onProgress
 * @param {AbortSignal | undefined} signal
 * @returns {Machine}
 */
function thisMachine(onProgress, signal) {
  return {
    probe: (command) => probeAdapter({ ...command, signal }),
    makeSoftwareGpu: () =>
      ensureSoftwareGpu({ ...(onProgress && { onProgress }), ...(signal && { signal }) }),
    standardManifests: nvidiaManifests(standardManifestDirs),
    mountedManifests: nvidiaManifests(mountedManifestDirs),
    namesDriver: Boolean(process.env['VK_DRIVER_FILES'] || process.env['VK_ICD_FILENAMES']),
    hasNvidiaDevice: existsSync('/dev/nvidiactl') || existsSync('/proc/driver/nvidia/version'),
  };
}

/**
 * The value of TILEWISE_ADAPTER.
 *
 * @returns {AdapterMode}
 * @throws {RangeError} where it is none of them
 */
export function modeFromEnvironment() {
  const value = process.env['TILEWISE_ADAPTER'] || 'auto';
  const mode = modes.find((name) => name === value);
  if (mode === undefined) {
    throw new RangeError(`TILEWISE_ADAPTER is '${value}'; expected one of ${modes.join(', ')}`);
  }
  return mode;
}

/**
 * Chooses the best adapter there is: a hardware GPU; else a software GPU with subgroup matrices, made if need be; else
 * whatever software adapter the machine has; else none.
 *
 * @param {object} [options]
 * @param {AdapterMode} [options.mode] default: the environment variable TILEWISE_ADAPTER, else `auto`
 * @param {(line: string) => void} [options.onProgress]
 * @param {AbortSignal} [options.signal]
 * @param {Machine} [options.machine]
 * @returns {Promise<AdapterChoice>}
 */
export async function chooseAdapter({ mode = modeFromEnvironment(), onProgress, signal, machine } = {}) {
  const { probe, makeSoftwareGpu, standardManifests, mountedManifests, namesDriver, hasNvidiaDevice } =
    machine ?? thisMachine(onProgress, signal);
  const here = { nodePath: process.execPath, env: {} };
  /** @type {string | null} */
  let warning = null;
  if (mode === 'none') return none('no adapter was asked for');

  const found = await probe(here);
  if (mode !== 'software') {
    if (found.ok && !found.adapter.isSoftware) return choice('hardware', here, found.adapter);
    const elsewhere = await otherWaysToHardware();
    if (elsewhere !== null) return elsewhere;
    if (mode === 'hardware') return none(`no hardware adapter: ${whyNot(found)}`);
  }
  if (mode === 'auto' && hasNvidiaDevice) {
    warning = 'This machine has an NVIDIA GPU that Vulkan cannot use; `npx tilewise doctor` says why.';
  }
  // Without the package no driver helps, and a broken one would fail the same way again.
  if (!found.ok && (found.reason === 'webgpuMissing' || found.reason === 'webgpuBroken'))
    return none(found.message);
  if (found.ok && found.adapter.isSoftware && found.adapter.subgroupMatrixConfigs.length > 0) {
    return choice('software', here, found.adapter);
  }

  const made = await makeSoftwareGpu();
  let problem = made.ok ? '' : made.message;
  if (made.ok && !made.alreadyInside) {
    const command = { nodePath: made.nodePath, env: made.env };
    const madeAdapter = await probe(command);
    if (madeAdapter.ok && madeAdapter.adapter.isSoftware) {
      return choice('software', command, madeAdapter.adapter);
    }
    problem = whyNot(madeAdapter);
  }
  if (found.ok && found.adapter.isSoftware) return choice('software', here, found.adapter);
  return none(`no software adapter: ${problem || whyNot(found)}`);

  /**
   * @param {'hardware' | 'software'} kind
   * @param {NodeCommand} command
   * @param {AdapterReport} adapter
   * @returns {AdapterChoice}
   */
  function choice(kind, command, adapter) {
    return { ...command, mode, kind, adapter, summary: `${kind} adapter: ${describe(adapter)}`, warning };
  }

  /**
   * @param {string} summary
   * @returns {AdapterChoice}
   */
  function none(summary) {
    return { ...here, mode, kind: 'none', adapter: null, summary, warning };
  }

  /** The driver may be mounted where the loader does not look, or the loader itself may be what is missing. */
  async function otherWaysToHardware() {
    if (namesDriver) return null;
    /** @type {NodeCommand[]} */
    const commands = [];
    if (mountedManifests.length > 0) commands.push({ ...here, env: driverFiles(mountedManifests) });
    const manifests = [...standardManifests, ...mountedManifests];
    if (manifests.length > 0 && !found.ok && found.message.includes('libvulkan.so.1')) {
      const made = await makeSoftwareGpu();
      if (made.ok)
        commands.push({ nodePath: made.nodePath, env: { ...made.env, ...driverFiles(manifests) } });
    }
    for (const command of commands) {
      const result = await probe(command);
      if (result.ok && !result.adapter.isSoftware) return choice('hardware', command, result.adapter);
    }
    return null;
  }
}

/** @param {ProbeResult} result */
function whyNot(result) {
  return result.ok ? `Dawn's best adapter is ${describe(result.adapter)}` : result.message;
}

/** @param {AdapterReport} adapter */
function describe(adapter) {
  const { device, description, isSoftware } = adapter;
  return isSoftware && description !== '' ? description : [device, description].filter(Boolean).join(', ');
}

/**
 * Runs Node.js with the adapter chosen, on the same standard streams, until it ends. What a signal means is meanwhile that
 * process's to say: listeners that this one had are set aside.
 *
 * @param {AdapterChoice} chosen
 * @param {readonly string[]} argv what follows the binary on its command line
 * @returns {Promise<number>} its exit code; 128 plus the number of the signal that ended it
 */
export async function runWithAdapter(chosen, argv) {
  const { nodePath, env, ...rest } = chosen;
  const mark = JSON.stringify({ ...rest, parentPid: process.pid, nodePath });
  const child = spawn(nodePath, argv, {
    env: { ...process.env, ...env, [marker]: mark },
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to both processes by itself; anyone else reaches this one only.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const handlers = forwarded.map((name) => () => {
    if (name !== 'SIGINT' || !hasTerminal) child.kill(name);
  });
  const aside = forwarded.map((name) => /** @type {NodeJS.SignalsListener[]} */ (process.rawListeners(name)));
  forwarded.forEach((name, i) => {
    process.on(name, /** @type {() => void} */ (handlers[i]));
    for (const listener of aside[i] ?? []) process.off(name, listener);
  });
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, name) => resolve(name === null ? (code ?? 1) : 128 + constants.signals[name]));
    });
  } finally {
    forwarded.forEach((name, i) => {
      for (const listener of aside[i] ?? []) process.on(name, listener);
      process.off(name, /** @type {() => void} */ (handlers[i]));
    });
  }
}

/**
 * Makes sure that this command runs where the best adapter is found. Where that takes another Node.js binary or other
 * variables, the command is started again with them, and this process ends with its exit code; otherwise it returns.
 *
 * @param {object} [options]
 * @param {readonly string[]} [options.argv] the command to start again; default: this one
 * @param {AdapterMode} [options.mode]
 * @param {(line: string) => void} [options.onProgress] told what is being set up
 * @returns {Promise<AdapterChoice>}
 */
export async function withBestAdapter({
  argv = process.argv.slice(1),
  mode = modeFromEnvironment(),
  onProgress,
} = {}) {
  const chosen =
    inheritedChoice(mode) ??
    (await interruptible((signal) => chooseAdapter({ mode, signal, ...(onProgress && { onProgress }) })));
  if (chosen.nodePath === process.execPath && Object.keys(chosen.env).length === 0) return chosen;
  return process.exit(await runWithAdapter(chosen, [...process.execArgv, ...argv]));
}

/**
 * What the process that started this one chose. It holds for that process's child whatever else is true, so that no
 * command starts itself over and over; further down it holds while the binary and the mode are the same.
 *
 * @param {AdapterMode} mode
 * @returns {AdapterChoice | null}
 */
function inheritedChoice(mode) {
  const text = process.env[marker];
  if (text === undefined) return null;
  const { parentPid, nodePath, ...rest } = JSON.parse(text);
  const isSame = nodePath === process.execPath && rest.mode === mode;
  if (parentPid !== process.ppid && !isSame) return null;
  return { ...rest, nodePath: process.execPath, env: {} };
}

/**
 * Ends the process, cleanly, on a signal while something is being set up.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function interruptible(work) {
  const controller = new AbortController();
  /** @type {number | null} */
  let exitCode = null;
  const names = /** @type {const} */ (['SIGINT', 'SIGTERM']);
  /** @param {'SIGINT' | 'SIGTERM'} name */
  const stop = (name) => {
    exitCode = 128 + constants.signals[name];
    controller.abort();
  };
  for (const name of names) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.off(name, stop);
    if (exitCode !== null) process.exit(exitCode);
  }
}
