/**
 * `npm run bundle`: packs Node.js, the built `tilewise` command, Dawn and the Vulkan loader into one file that unpacks and
 * runs itself on x86-64 Linux, offline: for machines that have a GPU's driver and nothing else.
 *
 *   npm run bundle                        writes tilewise-bench.run
 *   npm run bundle -- --peers             with the libraries to compare with that are installed here
 *   npm run bundle -- --out FILE
 *
 * On the other machine: sh tilewise-bench.run bench --full --json out.json
 */
import { nodeFileTrace } from '@vercel/nft';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** What the file may weigh. */
const MAX_BYTES = 60e6;

/** Libraries to compare with, each in several packages. */
const PEER_PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-webgpu',
  '@jax-js/jax',
  'onnxruntime-node',
];

/** Binaries for other systems than the one packed for. */
const FOREIGN = ['**/{darwin,win32}*/**', '**/linux-arm64/**', '**/linux/arm64/**'];

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  say(`bundle: ${message}`);
  process.exit(1);
}

/**
 * Copies what packages need at run time, found by tracing what their files import, to the same places.
 *
 * @param {readonly string[]} names
 * @param {string} to
 */
async function copyPackages(names, to) {
  // Both what `import` and what `require` take: versions are looked up by the latter.
  const entries = names.flatMap((name) => [fileURLToPath(import.meta.resolve(name)), require.resolve(name)]);
  const { fileList } = await nodeFileTrace(entries, { base: root, processCwd: root, ignore: FOREIGN });
  const manifests = names.map((name) => join('node_modules', name, 'package.json'));
  for (const file of new Set([...fileList, ...manifests])) cpSync(join(root, file), join(to, file));
}

/**
 * The command, with all that it needs beside it, as `app` has it in the package: dist, scripts, node_modules.
 *
 * @param {string} to
 * @param {boolean} withPeers
 */
async function copyProgram(to, withPeers) {
  for (const file of [
    'dist/cli.js',
    'dist/licenses-cli.md',
    'scripts/probeAdapter.mjs',
    'scripts/softwareGpu.sh',
    'LICENSE',
  ]) {
    cpSync(join(root, file), join(to, file));
  }
  // Node.js takes the files for modules because of it.
  writeFileSync(join(to, 'package.json'), '{ "type": "module" }\n');
  const peers = withPeers ? PEER_PACKAGES : [];
  const installed = peers.filter((name) => existsSync(join(root, 'node_modules', name, 'package.json')));
  for (const name of peers.filter((name) => !installed.includes(name))) {
    say(
      `bundle: ${name} is not installed and is left out${name.startsWith('onnx') ? ' (npm run peers:install)' : ''}`,
    );
  }
  await copyPackages(['webgpu', ...installed], to);
}

/**
 * Node.js, without its symbols where there is a tool to take them out.
 *
 * @param {string} to
 */
function copyNode(to) {
  cpSync(process.execPath, to, { dereference: true });
  try {
    execFileSync('strip', [to], { stdio: 'ignore' });
  } catch {
    // A few megabytes more.
  }
}

/** @param {string} to */
function copyLoader(to) {
  execFileSync('sh', [join(root, 'scripts/softwareGpu.sh'), '--loader', to], { stdio: 'inherit' });
}

/**
 * A folder as an archive.
 *
 * @param {string} folder
 * @param {import('node:stream').Transform} compressor
 * @param {string} to
 */
async function archive(folder, compressor, to) {
  // The same content gives the same bytes, and so the same folder on the other machine.
  const args = [
    '-c',
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mtime=@0',
    '-C',
    folder,
    '.',
  ];
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done, reject) => {
    tar.on('error', reject);
    tar.on('close', (code) => (code === 0 ? done(undefined) : reject(new Error(`tar ended with ${code}`))));
  });
  await Promise.all([pipeline(tar.stdout, compressor, createWriteStream(to)), ended]);
}

/** For what is unpacked by the Node.js that comes along: a fifth smaller than with gzip. */
function brotli() {
  return createBrotliCompress({
    params: { [constants.BROTLI_PARAM_QUALITY]: 7, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
}

/**
 * The script that stands before the archive.
 *
 * @param {string} payload
 */
function launcher(payload) {
  const { version } = /** @type {{ version: string }} */ (require('../package.json'));
  const key = createHash('sha256').update(readFileSync(payload)).digest('hex').slice(0, 16);
  const text = readFileSync(join(root, 'scripts/launcher.sh'), 'utf8')
    .replace('@VERSION@', version)
    .replace('@KEY@', key);
  // Its own length is part of it: a place holder of ten digits.
  const placeholder = '@OFFSET@@@';
  const offset = Buffer.byteLength(text) + 1;
  return text.replace(placeholder, String(offset).padStart(placeholder.length, ' '));
}

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'tilewise-bench.run' },
    peers: { type: 'boolean', default: false },
  },
});
const out = resolve(values.out);

if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail(`the file is for x86-64 Linux and is made on it; this is ${process.platform} on ${process.arch}`);
}
const { node_shared: isShared } = /** @type {Record<string, unknown>} */ (process.config.variables);
if (isShared) {
  fail(
    `${process.execPath} is no whole Node.js, its library lies elsewhere; use one from https://nodejs.org`,
  );
}
if (!existsSync(join(root, 'dist/cli.js'))) fail('dist/cli.js is missing: run it as `npm run bundle`');

const work = mkdtempSync(join(tmpdir(), 'tilewise-bundle-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const content = join(work, 'content');
mkdirSync(join(content, 'bin'), { recursive: true });
copyNode(join(content, 'bin/node'));
copyLoader(join(content, 'lib'));
const app = join(work, 'app');
await copyProgram(app, values.peers);
await archive(app, brotli(), join(content, 'app.tar.br'));
const payload = join(work, 'payload');
await archive(content, createGzip(), payload);
const whole = join(work, 'whole');
writeFileSync(whole, launcher(payload), { mode: 0o755 });
await pipeline(createReadStream(payload), createWriteStream(whole, { flags: 'a' }));
const { size } = statSync(whole);
if (size > MAX_BYTES) {
  fail(
    `it would have ${(size / 1e6).toFixed(1)} MB, more than ${MAX_BYTES / 1e6}${values.peers ? '; leave out --peers' : ''}`,
  );
}
cpSync(whole, `${out}.part`);
renameSync(`${out}.part`, out);
say(`Written to ${values.out}: ${(size / 1e6).toFixed(1)} MB. On the other machine: sh ${values.out} --help`);
