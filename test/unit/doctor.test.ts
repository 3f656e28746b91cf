import { describe, expect, it } from 'vitest';
import { diagnose, doctorExitCodes, formatFindings, runDoctor } from '../../bench/doctor/index.ts';
import type { Diagnosis, Finding, FindingId, Host } from '../../bench/doctor/index.ts';
import type { AdapterReport, ProbeResult } from '../../scripts/adapter.mjs';

const hopper: ProbeResult = { ok: true, adapter: adapter({}) };
const noAdapter: ProbeResult = { ok: false, reason: 'noAdapter', message: 'Dawn found no adapter' };

function adapter(more: Partial<AdapterReport>): AdapterReport {
  return {
    vendor: 'nvidia',
    architecture: '',
    device: 'nvidia-h100-80gb-hbm3',
    description: 'NVIDIA: 580.95.05',
    isSoftware: false,
    features: ['shader-f16', 'subgroups', 'timestamp-query'],
    subgroupSizes: [32, 32],
    subgroupMatrixConfigs: [{ componentType: 'f16', resultComponentType: 'f32', m: 16, n: 16, k: 16 }],
    ...more,
  };
}

interface FakeMachine {
  /** Path to text; folders follow from the paths. */
  files?: Record<string, string>;
  /** Command line to what it prints. */
  commands?: Record<string, string>;
  env?: Record<string, string>;
  probe?: (env: Readonly<Record<string, string>>) => ProbeResult;
  host?: Partial<Host>;
}

function fakeHost({ files = {}, commands = {}, env = {}, probe = () => noAdapter, host }: FakeMachine): Host {
  const names = (dir: string) =>
    Object.keys(files)
      .filter((path) => path.startsWith(`${dir}/`))
      .map((path) => path.slice(dir.length + 1).split('/')[0] ?? '');
  return {
    platform: 'linux',
    arch: 'x64',
    nodeVersion: 'v22.12.0',
    glibcVersion: '2.39',
    isRoot: false,
    env,
    readText: async (path) => files[path],
    listDirectory: async (dir) => [...new Set(names(dir))].sort(),
    run: async (program, ...args) =>
      Object.entries(commands).find(([line]) => [program, ...args].join(' ').startsWith(line))?.[1],
    fetch: () => Promise.reject(new Error('no network')),
    canOpen: async () => true,
    probeAdapter: async (more) => probe(more),
    canMakeSoftwareGpu: async () => true,
    ...host,
  };
}

const lib = '/usr/lib/x86_64-linux-gnu';
const ubuntu = { '/etc/os-release': 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"' };
const amazon = { '/etc/os-release': 'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"' };
const debian = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"' };
const bus = {
  '/sys/bus/pci/devices/0000:01:00.0/class': '0x030200',
  '/sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de',
  '/sys/bus/pci/devices/0000:01:00.0/device': '0x2330',
};
const kernel = {
  '/proc/driver/nvidia/version':
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder)',
  '/dev/nvidia0': '',
  '/dev/nvidiactl': '',
};
const compute = { [`${lib}/libcuda.so.1`]: '', [`${lib}/libcuda.so.580.95.05`]: '' };
const graphics = Object.fromEntries(
  [
    'libGLX_nvidia.so.0',
    'libEGL_nvidia.so.0',
    'libnvidia-glvkspirv.so.580.95.05',
    'libnvidia-glcore.so.580.95.05',
    'libnvidia-eglcore.so.580.95.05',
    'libnvidia-tls.so.580.95.05',
    'libnvidia-gpucomp.so.580.95.05',
    'libX11.so.6',
    'libXext.so.6',
  ].map((name) => [`${lib}/${name}`, '']),
);
const loader = { [`${lib}/libvulkan.so.1`]: '' };
const manifestText = (library: string) =>
  JSON.stringify({ file_format_version: '1.0.1', ICD: { library_path: library, api_version: '1.4.303' } });
const manifest = { '/usr/share/vulkan/icd.d/nvidia_icd.json': manifestText('libGLX_nvidia.so.0') };
const complete = { ...ubuntu, ...bus, ...kernel, ...compute, ...graphics, ...loader, ...manifest };

function without(files: Record<string, string>, ...patterns: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !patterns.some((pattern) => path.includes(pattern))),
  );
}

async function find(machine: FakeMachine, id: FindingId): Promise<Finding | undefined> {
  const { findings } = await diagnose(fakeHost(machine));
  return findings.find((finding) => finding.id === id && finding.status !== 'ok');
}

function wrong({ findings }: Diagnosis): FindingId[] {
  return findings.filter((finding) => finding.status === 'missing').map((finding) => finding.id);
}

describe('a machine whose GPU works', () => {
  it('has nothing missing and says what the adapter can do', async () => {
    const diagnosis = await diagnose(fakeHost({ files: complete, probe: () => hopper }));
    expect(diagnosis.verdict).toBe('hardware');
    expect(diagnosis.findings.every((finding) => finding.status === 'ok')).toBe(true);
    expect(formatFindings(diagnosis.findings)).toContain('f16 to f32 16x16x16');
  });

  it('is warned of features that are not there', async () => {
    const poor = adapter({ features: [], subgroupMatrixConfigs: [], subgroupSizes: [null, null] });
    const { verdict, findings } = await diagnose(fakeHost({ probe: () => ({ ok: true, adapter: poor }) }));
    expect(verdict).toBe('hardware');
    expect(findings.filter((finding) => finding.status === 'warning').map((finding) => finding.id)).toEqual([
      'shader-f16',
      'subgroups',
      'subgroup-matrix',
      'timestamp-query',
    ]);
  });

  it('may have its driver mounted where no loader looks', async () => {
    const path = '/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json';
    const machine = {
      files: { ...debian, ...kernel, [path]: manifestText('libGLX_nvidia.so.0') },
      probe: (env: Readonly<Record<string, string>>) =>
        env['VK_DRIVER_FILES'] === path ? hopper : noAdapter,
    };
    expect((await diagnose(fakeHost(machine))).verdict).toBe('hardware');
    expect((await find(machine, 'driver-environment'))?.fix).toBe(`export VK_DRIVER_FILES=${path}`);
  });
});

describe('what is in the way of Dawn', () => {
  it.each([
    ['an old Node.js', { host: { nodeVersion: 'v20.18.1' } }, 'node', 'nvm install 22'],
    ['an old C library', { host: { glibcVersion: '2.31' } }, 'glibc', 'node:22-bookworm'],
    ['another C library', { host: { glibcVersion: undefined } }, 'glibc', 'node:22-bookworm'],
    [
      'no package',
      { probe: (): ProbeResult => ({ ok: false, reason: 'webgpuMissing', message: '' }) },
      'webgpu',
      'npm install webgpu',
    ],
  ] as const)('%s', async (_, machine, id, fix) => {
    expect((await find(machine, id))?.fix).toContain(fix);
    expect((await diagnose(fakeHost(machine))).verdict).toBe('noDawn');
  });
});

describe('what is in the way of the GPU', () => {
  it('no GPU at all', async () => {
    const diagnosis = await diagnose(fakeHost({ files: debian }));
    expect(wrong(diagnosis)).toEqual(['adapter', 'gpu', 'vulkan-loader', 'driver-manifest']);
    expect(diagnosis.verdict).toBe('softwareOnly');
  });

  it.each([
    ['docker', { '/.dockerenv': '' }, {}, 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all'],
    ['podman', { '/run/.containerenv': '' }, {}, 'podman run --device nvidia.com/gpu=all'],
    ['kubernetes', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'nvidia.com/gpu: 1'],
  ])('a container without one (%s)', async (_, mark, env, fix) => {
    expect((await find({ files: { ...debian, ...mark }, env }, 'gpu'))?.fix).toContain(fix);
  });

  it.each([
    ['docker', { '/.dockerenv': '' }, {}, 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all'],
    ['kubernetes', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'env: [{ name: NVIDIA_DRIVER_CAPABILITIES'],
  ])('a container without the graphics capability (%s)', async (_, mark, more, fix) => {
    const machine = {
      files: { ...debian, ...bus, ...kernel, ...compute, ...mark },
      env: { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility', ...more },
    };
    const finding = await find(machine, 'container-capabilities');
    expect(finding?.what).toContain('compute,utility');
    expect(finding?.fix).toContain(fix);
    expect((await find(machine, 'driver-libraries'))?.fix).toContain(fix);
    const granted = { ...machine, env: { ...machine.env, NVIDIA_DRIVER_CAPABILITIES: 'compute,graphics' } };
    expect(await find(granted, 'container-capabilities')).toBeUndefined();
  });

  it('a GPU cut into slices', async () => {
    const commands = {
      'nvidia-smi': 'NVIDIA H100 80GB HBM3, 0x233010DE, 580.95.05, 81559, 1980, 2619, 700.00, Enabled',
    };
    expect((await find({ files: complete, commands }, 'mig'))?.fix).toBe('sudo nvidia-smi -mig 0');
  });

  it.each([
    ['Ubuntu', ubuntu, {}, 'ubuntu-drivers install'],
    ['Debian', debian, {}, 'apt-get install -y nvidia-driver'],
    [
      'Amazon Linux',
      amazon,
      { '/sys/class/dmi/id/sys_vendor': 'Amazon EC2' },
      'dnf install -y nvidia-release',
    ],
    [
      'Azure',
      ubuntu,
      { '/sys/class/dmi/id/chassis_asset_tag': '7783-7084-3265-9085-8269-3286-77' },
      'NvidiaGpuDriverLinux',
    ],
    [
      'Google Cloud',
      debian,
      { '/sys/class/dmi/id/product_name': 'Google Compute Engine' },
      'cuda_installer.pyz',
    ],
    [
      'Oracle Cloud',
      { '/etc/os-release': 'ID="ol"\nID_LIKE="fedora"' },
      { '/sys/class/dmi/id/chassis_asset_tag': 'OracleCloud.com' },
      'Oracle Linux image',
    ],
  ])('no kernel driver on %s', async (_, release, firmware, fix) => {
    const machine = { files: { ...release, ...bus, ...firmware } };
    expect((await find(machine, 'kernel-driver'))?.fix).toContain(fix);
  });

  it('device files that are absent or closed', async () => {
    const absent = { files: without(complete, '/dev/nvidia0') };
    expect((await find(absent, 'device-nodes'))?.fix).toBe('sudo nvidia-modprobe -c0 -u');
    const closed = { files: complete, host: { canOpen: async () => false } };
    expect((await find(closed, 'device-nodes'))?.what).toContain('/dev/nvidia0, /dev/nvidiactl');
  });

  it.each([
    [
      'Ubuntu packages',
      ubuntu,
      { 'dpkg-query': 'libc6 ii \nlibnvidia-compute-580-server ii \n' },
      'sudo apt-get install -y libnvidia-gl-580-server',
    ],
    [
      'Debian packages',
      debian,
      { 'dpkg-query': 'libcuda1 ii \n' },
      'sudo apt-get install -y nvidia-vulkan-icd',
    ],
    ['RPM packages', amazon, { rpm: 'nvidia-driver-cuda\nbash\n' }, 'sudo dnf install -y nvidia-driver-libs'],
    [
      "NVIDIA's installer",
      ubuntu,
      {},
      'sudo sh NVIDIA-Linux-x86_64-580.95.05.run --silent --no-kernel-modules',
    ],
  ])('a driver installed for computing only, from %s', async (_, release, commands, fix) => {
    const files = { ...release, ...bus, ...kernel, ...compute, ...loader };
    const finding = await find({ files, commands }, 'driver-libraries');
    expect(finding?.what).toContain('libnvidia-glvkspirv');
    expect(finding?.what).toContain('libnvidia-gpucomp');
    expect(finding?.fix).toContain(fix);
  });

  it('libraries of another version than the kernel driver', async () => {
    const files = {
      ...complete,
      '/proc/driver/nvidia/version': 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu',
    };
    expect(await find({ files }, 'driver-version')).toMatchObject({
      what: 'the kernel has driver 570.86.15, the libraries are 580.95.05',
      fix: 'sudo reboot',
    });
  });

  it('no X11 libraries', async () => {
    const files = without(complete, 'libX11', 'libXext');
    expect((await find({ files }, 'x11-libraries'))?.fix).toContain('apt-get install -y libx11-6 libxext6');
  });

  it.each([
    ['Ubuntu', ubuntu, 'sudo apt-get update && sudo apt-get install -y libvulkan1'],
    ['Amazon Linux', amazon, 'sudo dnf install -y vulkan-loader'],
  ])('no Vulkan loader on %s', async (_, release, fix) => {
    const files = { ...without(complete, 'libvulkan'), ...release };
    expect((await find({ files }, 'vulkan-loader'))?.fix).toBe(fix);
    expect((await find({ files, host: { isRoot: true } }, 'vulkan-loader'))?.fix).not.toContain('sudo');
  });

  it('no manifest, though the driver is there', async () => {
    const files = without(complete, 'icd.d');
    expect((await find({ files }, 'driver-manifest'))?.fix).toContain('"library_path":"libGLX_nvidia.so.0"');
    const headless = without(files, 'libX11');
    expect((await find({ files: headless }, 'driver-manifest'))?.fix).toContain('libEGL_nvidia.so.0');
  });

  it('a manifest whose library is absent', async () => {
    const path = '/usr/share/vulkan/icd.d/radeon_icd.json';
    const files = { ...debian, ...loader, [path]: manifestText(`${lib}/libvulkan_radeon.so`) };
    expect((await find({ files }, 'driver-manifest'))?.what).toBe(
      `${path} names ${lib}/libvulkan_radeon.so, which is absent`,
    );
    expect(
      await find({ files: { ...files, [`${lib}/libvulkan_radeon.so`]: '' } }, 'driver-manifest'),
    ).toBeUndefined();
  });

  it('a manifest named in the environment that is not there', async () => {
    const finding = await find(
      { files: complete, env: { VK_DRIVER_FILES: '/gone.json' } },
      'driver-environment',
    );
    expect(finding?.what).toContain('/gone.json');
    expect(finding?.fix).toContain('unset VK_DRIVER_FILES');
  });

  it('a shell set to the software GPU', async () => {
    const env = { TILEWISE_SOFTWARE_GPU: '/cache', VK_DRIVER_FILES: '/cache/lavapipe.json' };
    expect((await find({ files: complete, env }, 'driver-environment'))?.status).toBe('warning');
  });
});

describe('runDoctor', () => {
  async function run(machine: FakeMachine, json = false) {
    let text = '';
    const code = await runDoctor({ json, host: fakeHost(machine), write: (more) => (text += more) });
    return { code, text };
  }

  it('ends with a code of its own for each verdict', async () => {
    const software = { ok: true, adapter: adapter({ isSoftware: true }) } as const;
    const never = { canMakeSoftwareGpu: async () => false };
    expect((await run({ probe: () => hopper })).code).toBe(0);
    expect((await run({ probe: () => software })).code).toBe(3);
    expect((await run({})).code).toBe(3);
    expect((await run({ host: never })).code).toBe(4);
    expect((await run({ host: { nodeVersion: 'v18.0.0' } })).code).toBe(5);
    expect(new Set(Object.values(doctorExitCodes)).size).toBe(4);
  });

  it('prints text for people and JSON for programs', async () => {
    const { text } = await run({ files: without(complete, 'libvulkan') });
    expect(text).toContain('the Vulkan loader (libvulkan.so.1) is absent');
    expect(text).toContain('fix: ');
    expect(text).toMatch(/No hardware adapter\..*\n$/);
    const json = JSON.parse((await run({ files: complete, probe: () => hopper }, true)).text);
    expect(json.verdict).toBe('hardware');
    expect(json.findings[0]).toEqual({
      id: 'platform',
      status: 'ok',
      what: 'linux on x64',
      why: '',
      fix: null,
    });
  });
});
