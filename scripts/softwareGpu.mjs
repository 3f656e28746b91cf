import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * How to start Node.js so that Dawn finds the software GPU.
 *
 * @typedef {object} NodeCommand
 * @property {string} nodePath the binary to start
 * @property {Record<string, string>} env variables to add to the environment
 */

/**
 * Why there is no software GPU. Each stands for one exit code of softwareGpu.sh.
 *
 * @typedef {'badArguments' | 'unsupportedSystem' | 'missingTool' | 'noPackageSource' | 'network' | 'notWritable'
 *   | 'diskFull' | 'doesNotRun' | 'interrupted'} SoftwareGpuFailure
 */

/**
 * @typedef {({ ok: true, alreadyInside: boolean } & NodeCommand)
 *   | { ok: false, reason: SoftwareGpuFailure, message: string }} SoftwareGpuResult
 */

/** @type {Readonly<Record<number, SoftwareGpuFailure>>} */
const failures = {
  2: 'badArguments',
  3: 'unsupportedSystem',
  4: 'missingTool',
  5: 'noPackageSource',
  6: 'network',
  7: 'notWritable',
  8: 'diskFull',
  9: 'doesNotRun',
  130: 'interrupted',
  143: 'interrupted',
};

/**
 * A file of this folder. The same from here and from the bundled command, because `dist/` lies beside `scripts/`.
 *
 * @param {string} name
 */
export function scriptPath(name) {
  return join(dirname(fileURLToPath(import.meta.url)), '..', 'scripts', name);
}

/**
 * Makes the software GPU of scripts/softwareGpu.sh where it is not there yet: about 12 s and 60 MB the first time,
 * 10 ms later.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.onProgress] told what is being done, one line each; not called when
 *   there is nothing to do
 * @param {string} [options.cacheDir] where to keep it; the default is the script's own
 * @param {AbortSignal} [options.signal] ends it; what was begun is removed
 * @returns {Promise<SoftwareGpuResult>}
 */
export async function ensureSoftwareGpu({ onProgress, cacheDir, signal } = {}) {
  if (cacheDir === undefined && isInsideSoftwareGpu()) {
    return { ok: true, alreadyInside: true, nodePath: process.execPath, env: {} };
  }
  if (process.platform !== 'linux') {
    return {
      ok: false,
      reason: 'unsupportedSystem',
      message: `A software GPU is made on Linux only; this is ${process.platform}.`,
    };
  }
  if (signal?.aborted === true) return { ok: false, reason: 'interrupted', message: 'interrupted' };
  const script = scriptPath('softwareGpu.sh');
  const args = [script, '--node', process.execPath, ...(cacheDir === undefined ? [] : [cacheDir])];
  const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const abort = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', abort, { once: true });

  let output = '';
  child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  /** @type {string[]} */
  const messages = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const message = line.replace(/^softwareGpu: /, '');
    messages.push(message);
    onProgress?.(message);
  });
  const status = await new Promise((/** @type {(status: number | Error) => void} */ resolve) => {
    child.on('error', resolve);
    child.on('close', (code, signalName) => resolve(code ?? (signalName === null ? 1 : 143)));
  });
  signal?.removeEventListener('abort', abort);

  if (status instanceof Error) return { ok: false, reason: 'missingTool', message: status.message };
  if (status !== 0) {
    const message = messages.slice(-4).join('\n') || `softwareGpu.sh ended with code ${status}`;
    return { ok: false, reason: failures[status] ?? 'doesNotRun', message };
  }
  return { ok: true, alreadyInside: false, ...parseVars(output) };
}

/** Whether this process runs with the software GPU: its variables are set, and this is its node, if it has one. */
function isInsideSoftwareGpu() {
  const folder = process.env['TILEWISE_SOFTWARE_GPU'];
  if (folder === undefined || !existsSync(join(folder, 'vars'))) return false;
  const patchedNode = join(folder, 'bin', 'node');
  return !existsSync(patchedNode) || patchedNode === process.execPath;
}

/**
 * The lines that softwareGpu.sh prints.
 *
 * @param {string} text `NODE=…` and variables, one per line
 * @returns {NodeCommand}
 */
export function parseVars(text) {
  /** @type {Record<string, string>} */
  const env = {};
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) env[line.slice(0, at)] = line.slice(at + 1);
  }
  const { NODE: nodePath = process.execPath, ...rest } = env;
  const inherited = process.env['LD_LIBRARY_PATH'];
  if (rest['LD_LIBRARY_PATH'] !== undefined && inherited !== undefined && inherited !== '') {
    rest['LD_LIBRARY_PATH'] += `:${inherited}`;
  }
  // The loader asks for it and warns where it is absent.
  if (process.env['XDG_RUNTIME_DIR'] === undefined) rest['XDG_RUNTIME_DIR'] = '/tmp';
  // `#!/usr/bin/env node` has to find the same binary.
  if (nodePath !== process.execPath) rest['PATH'] = `${dirname(nodePath)}:${process.env['PATH'] ?? ''}`;
  return { nodePath, env: rest };
}
