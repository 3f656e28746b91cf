import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { chooseAdapter, type AdapterReport, type Machine, type ProbeResult } from '../../scripts/adapter.mjs';
import { scriptPath } from '../../scripts/softwareGpu.mjs';

const matrix = { componentType: 'f16', resultComponentType: 'f32', m: 8, n: 8, k: 8 };

function report(device: string, isSoftware: boolean, matrices = 1): ProbeResult & { ok: true } {
  const adapter: AdapterReport = {
    vendor: isSoftware ? 'mesa' : 'nvidia',
    architecture: '',
    device,
    description: '',
    isSoftware,
    features: [],
    subgroupSizes: [8, 8],
    subgroupMatrixConfigs: Array.from({ length: matrices }, () => matrix),
  };
  return { ok: true, adapter };
}

const hopper = report('h100', false);
const lavapipe = report('lavapipe', true);
const oldLavapipe = report('old lavapipe', true, 0);
const nothing: ProbeResult = { ok: false, reason: 'noAdapter', message: 'Dawn found no adapter' };
const noLoader: ProbeResult = { ok: false, reason: 'noAdapter', message: 'no libvulkan.so.1' };
const softwareEnv = { VK_DRIVER_FILES: '/cache/lavapipe.json' };
const mounted = '/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json';

/** A machine on which the adapter depends on the driver named by VK_DRIVER_FILES ('' where none is named). */
function machine(adapters: Record<string, ProbeResult>, more: Partial<Machine> = {}): Machine {
  return {
    probe: async ({ env = {} }) => adapters[env['VK_DRIVER_FILES'] ?? ''] ?? nothing,
    makeSoftwareGpu: vi.fn<Machine['makeSoftwareGpu']>(async () => ({
      ok: true,
      alreadyInside: false,
      nodePath: '/cache/node',
      env: softwareEnv,
    })),
    standardManifests: [],
    mountedManifests: [],
    namesDriver: false,
    hasNvidiaDevice: false,
    ...more,
  };
}

describe('chooseAdapter', () => {
  it('takes a hardware adapter as it is', async () => {
    const here = machine({ '': hopper });
    const choice = await chooseAdapter({ mode: 'auto', machine: here });
    expect(choice).toMatchObject({ kind: 'hardware', nodePath: process.execPath, env: {}, warning: null });
    expect(choice.summary).toBe('hardware adapter: h100');
    expect(here.makeSoftwareGpu).not.toHaveBeenCalled();
  });

  it('makes the software GPU where there is none', async () => {
    const here = machine({ '/cache/lavapipe.json': lavapipe });
    const choice = await chooseAdapter({ mode: 'auto', machine: here });
    expect(choice).toMatchObject({ kind: 'software', nodePath: '/cache/node', env: softwareEnv });
  });

  it('keeps a software adapter that has subgroup matrices', async () => {
    const here = machine({ '': lavapipe });
    expect(await chooseAdapter({ mode: 'auto', machine: here })).toMatchObject({ kind: 'software', env: {} });
    expect(here.makeSoftwareGpu).not.toHaveBeenCalled();
  });

  it('prefers the software GPU to one without subgroup matrices, which it falls back to', async () => {
    const better = machine({ '': oldLavapipe, '/cache/lavapipe.json': lavapipe });
    expect((await chooseAdapter({ mode: 'auto', machine: better })).adapter?.device).toBe('lavapipe');
    const offline = machine(
      { '': oldLavapipe },
      { makeSoftwareGpu: async () => ({ ok: false, reason: 'network', message: 'no network' }) },
    );
    expect((await chooseAdapter({ mode: 'auto', machine: offline })).adapter?.device).toBe('old lavapipe');
  });

  it('finds a driver mounted where the loader does not look', async () => {
    const here = machine({ [mounted]: hopper }, { mountedManifests: [mounted] });
    expect(await chooseAdapter({ mode: 'auto', machine: here })).toMatchObject({
      kind: 'hardware',
      nodePath: process.execPath,
      env: { VK_DRIVER_FILES: mounted },
    });
  });

  it('brings the loader along where only the driver is mounted', async () => {
    const here = machine({ '': noLoader }, { mountedManifests: [mounted] });
    here.probe = async ({ nodePath, env }) =>
      nodePath === '/cache/node' && env?.['VK_DRIVER_FILES'] === mounted ? hopper : noLoader;
    expect(await chooseAdapter({ mode: 'hardware', machine: here })).toMatchObject({
      kind: 'hardware',
      nodePath: '/cache/node',
      env: { VK_DRIVER_FILES: mounted },
    });
  });

  it('warns where a GPU is left unused', async () => {
    const here = machine({ '/cache/lavapipe.json': lavapipe }, { hasNvidiaDevice: true });
    const choice = await chooseAdapter({ mode: 'auto', machine: here });
    expect(choice.kind).toBe('software');
    expect(choice.warning).toContain('tilewise doctor');
  });

  it('obeys the mode', async () => {
    const here = machine({ '': hopper, '/cache/lavapipe.json': lavapipe });
    expect((await chooseAdapter({ mode: 'software', machine: here })).kind).toBe('software');
    expect((await chooseAdapter({ mode: 'none', machine: here })).kind).toBe('none');
    const choice = await chooseAdapter({ mode: 'hardware', machine: machine({ '': lavapipe }) });
    expect(choice.kind).toBe('none');
    expect(choice.summary).toContain('no hardware adapter');
  });

  it('says why there is none', async () => {
    const offline = machine(
      {},
      {
        makeSoftwareGpu: async () => ({
          ok: false,
          reason: 'network',
          message: 'packages could not be fetched',
        }),
      },
    );
    const choice = await chooseAdapter({ mode: 'auto', machine: offline });
    expect(choice).toMatchObject({ kind: 'none', adapter: null });
    expect(choice.summary).toContain('packages could not be fetched');
    const bare = machine({
      '': { ok: false, reason: 'webgpuMissing', message: "Cannot find package 'webgpu'" },
    });
    expect((await chooseAdapter({ mode: 'auto', machine: bare })).summary).toContain('webgpu');
    expect(bare.makeSoftwareGpu).not.toHaveBeenCalled();
  });

  it('refuses an unknown mode in the environment', async () => {
    vi.stubEnv('TILEWISE_ADAPTER', 'gpu');
    await expect(chooseAdapter({ machine: machine({}) })).rejects.toThrow(
      "TILEWISE_ADAPTER is 'gpu'; expected one of auto, hardware, software, none",
    );
    vi.unstubAllEnvs();
  });
});

/** Runs a program that may use adapter.mjs as `adapter`; `onOutput` is told what it has printed so far. */
async function run(source: string, onOutput?: (text: string, kill: (name: NodeJS.Signals) => void) => void) {
  const url = pathToFileURL(scriptPath('adapter.mjs')).href;
  const program = `const adapter = await import(${JSON.stringify(url)});\n${source}`;
  const { TILEWISE_ADAPTER_CHOSEN: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onOutput?.(output, (name) => child.kill(name));
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

const inChild = (script: string) => `
  const chosen = { nodePath: process.execPath, env: { EXTRA: 'yes' }, kind: 'none', mode: 'none', adapter: null, summary: '', warning: null };
  process.exit(await adapter.runWithAdapter(chosen, ['--input-type=module', '--eval', ${JSON.stringify(script)}]));`;

describe('runWithAdapter', () => {
  it('adds to the environment and hands the exit code on', async () => {
    const result = await run(inChild('console.log(process.env.EXTRA); process.exit(7)'));
    expect(result).toEqual({ code: 7, output: 'yes\n' });
  });

  it('turns a signal that ended the child into 128 plus its number', async () => {
    expect((await run(inChild("process.kill(process.pid, 'SIGKILL')"))).code).toBe(137);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('hands %s on and ends with %i', async (name, code) => {
    const waiting = "console.log('ready'); setTimeout(() => {}, 20_000)";
    const result = await run(inChild(waiting), (_, kill) => kill(name));
    expect(result).toEqual({ code, output: 'ready\n' });
  });

  it('leaves it to the child when to end, whatever this process does on signals by itself', async () => {
    const listening = "process.on('SIGINT', () => process.exit(1));";
    const draining = `
      let left = 2;
      process.on('SIGINT', () => { if (--left > 0) console.log('draining'); else process.exit(7); });
      setTimeout(() => process.exit(8), 20_000);
      console.log('ready');`;
    const result = await run(listening + inChild(draining), (_, kill) => kill('SIGINT'));
    expect(result).toEqual({ code: 7, output: 'ready\ndraining\n' });
  });

  it('starts a command again once, not over and over', async () => {
    const child = `
      const adapter = await import(${JSON.stringify(pathToFileURL(scriptPath('adapter.mjs')).href)});
      const chosen = await adapter.withBestAdapter({ mode: 'auto' });
      console.log(chosen.kind, chosen.summary, Object.keys(chosen.env).length);`;
    const result = await run(inChild(child).replace("summary: ''", "summary: 'from above'"));
    expect(result).toEqual({ code: 0, output: 'none from above 0\n' });
  });
});
