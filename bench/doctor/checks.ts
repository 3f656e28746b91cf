import type { AdapterReport } from '../../scripts/adapter.mjs';
import type { Facts } from './facts.ts';
import { missing, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import * as fix from './fixes.ts';

/** Whether Dawn can run at all: platform, Node.js, C library, package. */
export function checkRuntime(facts: Facts): readonly Finding[] {
  return [checkPlatform(facts), checkNode(facts), ...checkGlibc(facts), checkPackage(facts)];
}

function checkPlatform({ host }: Facts): Finding {
  const name = `${host.platform} on ${host.arch}`;
  if (host.platform === 'linux' && host.arch === 'x64') return ok('platform', name);
  return warning('platform', name, 'Tilewise is tested on Linux on x64; Dawn has binaries for others too');
}

function checkNode({ host }: Facts): Finding {
  const version = host.nodeVersion;
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok('node', `Node.js ${version}`);
  return missing('node', `Node.js ${version}`, 'Tilewise needs 20.19 or newer', 'nvm install 22');
}

/** Dawn's prebuilt library asks for glibc 2.34 (the package webgpu, 0.6.2). */
function checkGlibc({ host }: Facts): readonly Finding[] {
  if (host.platform !== 'linux') return [];
  const version = host.glibcVersion;
  const why = "Dawn's prebuilt library needs glibc 2.34 or newer";
  const container = 'in a container, start from node:22-bookworm or ubuntu:22.04';
  if (version === undefined) return [missing('glibc', 'a C library other than glibc', why, container)];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || minor >= 34) return [ok('glibc', `glibc ${version}`)];
  return [missing('glibc', `glibc ${version}`, why, container)];
}

function checkPackage({ probe }: Facts): Finding {
  const why = 'it holds Dawn';
  if (!probe.ok && probe.reason === 'webgpuMissing') {
    return missing('webgpu', 'the package webgpu is absent', why, 'npm install webgpu');
  }
  if (!probe.ok && probe.reason === 'webgpuBroken') {
    return missing('webgpu', `the package webgpu does not load: ${probe.message}`, why);
  }
  return ok('webgpu', 'the package webgpu (Dawn) loads');
}

/** What Dawn found, and which of the features that kernels use it has. */
export function checkAdapter({ probe, mountedProbe, host, manifests }: Facts): readonly Finding[] {
  if (probe.ok) {
    const { adapter } = probe;
    const name = [adapter.device, adapter.description].filter(Boolean).join(', ');
    const found = adapter.isSoftware
      ? warning('adapter', `a software adapter: ${name}`, 'its times say nothing about a GPU')
      : ok('adapter', name);
    return [found, ...checkFeatures(adapter)];
  }
  if (mountedProbe?.ok === true) {
    const files = manifests.filter((m) => !m.isStandard).map((m) => m.path);
    return [
      ok(
        'adapter',
        [mountedProbe.adapter.device, mountedProbe.adapter.description].filter(Boolean).join(', '),
      ),
      warning(
        'driver-environment',
        `the driver's manifest lies where no loader looks: ${files.join(', ')}`,
        'Tilewise names it to the loader by itself; other programs do not',
        `export VK_DRIVER_FILES=${files.join(':')}`,
      ),
      ...checkFeatures(mountedProbe.adapter),
    ];
  }
  if (probe.reason === 'webgpuMissing' || probe.reason === 'webgpuBroken') return [];
  const why = host.platform === 'linux' ? 'the checks below say what is in the way' : '';
  return [missing('adapter', probe.message, why)];
}

function checkFeatures(adapter: AdapterReport): readonly Finding[] {
  const has = (feature: string) => adapter.features.includes(feature);
  const [smallest, largest] = adapter.subgroupSizes;
  const sizes = smallest === null ? '' : `, size ${smallest}${largest === smallest ? '' : ` to ${largest}`}`;
  const configs = adapter.subgroupMatrixConfigs.map(
    (c) => `${c.componentType} to ${c.resultComponentType} ${c.m}x${c.n}x${c.k}`,
  );
  const update = adapter.vendor === 'nvidia' ? '; a newer driver may have it' : '';
  return [
    has('shader-f16')
      ? ok('shader-f16', 'half precision')
      : warning('shader-f16', 'no half precision', `kernels in f16 cannot run${update}`),
    has('subgroups')
      ? ok('subgroups', `subgroups${sizes}`)
      : warning('subgroups', 'no subgroups', `reductions go through workgroup memory${update}`),
    configs.length > 0
      ? ok('subgroup-matrix', `subgroup matrices (tensor cores): ${configs.join(', ')}`)
      : warning('subgroup-matrix', 'no subgroup matrices', `tensor cores stay idle${update}`),
    has('timestamp-query')
      ? ok('timestamp-query', 'timestamps')
      : warning('timestamp-query', 'no timestamps', 'only wall time can be measured'),
  ];
}

/** The whole way from the PCI bus to the driver's Vulkan library, in the order in which it is built. */
export function checkVulkan(facts: Facts): readonly Finding[] {
  const { nvidia } = facts;
  return [
    ...checkDriverEnvironment(facts),
    ...checkGpu(facts),
    ...(nvidia.isPresent
      ? [
          ...checkMig(facts),
          ...checkKernelDriver(facts),
          ...checkDeviceNodes(facts),
          ...checkCapabilities(facts),
          ...checkDriverLibraries(facts),
          ...checkDriverVersion(facts),
          ...checkX11Libraries(facts),
        ]
      : []),
    checkLoader(facts),
    ...checkManifests(facts),
  ];
}

function checkDriverEnvironment({ host, namedManifests, manifests }: Facts): readonly Finding[] {
  const unset = 'unset VK_DRIVER_FILES VK_ICD_FILENAMES TILEWISE_SOFTWARE_GPU';
  if (host.env['TILEWISE_SOFTWARE_GPU']) {
    return [
      warning(
        'driver-environment',
        'this shell is set to the software GPU',
        'no other driver is looked for',
        unset,
      ),
    ];
  }
  return namedManifests
    .filter((path) => manifests.find((m) => m.path === path)?.library === undefined)
    .map((path) =>
      missing(
        'driver-environment',
        `VK_DRIVER_FILES or VK_ICD_FILENAMES names ${path}, which is absent or no driver manifest`,
        'the loader looks at no other driver then',
        unset,
      ),
    );
}

function checkGpu(facts: Facts): readonly Finding[] {
  const { machine, nvidia } = facts;
  const names = machine.nvidiaGpus.map((gpu) => gpu.name);
  const ids = machine.pciGpus.map((gpu) => gpu.pciId);
  if (nvidia.isPresent)
    return [ok('gpu', `NVIDIA GPU: ${[...new Set(names.length > 0 ? names : ids)].join(', ')}`)];
  const other = machine.pciGpus.some((gpu) => /^(1002|8086):/.test(gpu.pciId));
  if (other) return [ok('gpu', `GPU on the PCI bus: ${ids.join(', ')}`)];
  const inContainer = machine.container !== undefined;
  return [
    missing(
      'gpu',
      inContainer ? `this container (${machine.container}) sees no GPU` : 'this machine has no GPU',
      inContainer ? 'it has to be started with one' : 'only a software adapter can run here',
      inContainer ? fix.grantGpu(facts) : null,
    ),
  ];
}

/** Slices of compute GPUs have no graphics interfaces, and Vulkan counts as one (NVIDIA's MIG user guide). */
function checkMig(facts: Facts): readonly Finding[] {
  const sliced = facts.machine.nvidiaGpus.filter((gpu) => gpu.mig === true);
  if (sliced.length === 0) return [];
  return [
    missing(
      'mig',
      `${sliced.length} of ${facts.machine.nvidiaGpus.length} GPUs are cut into slices (MIG)`,
      'slices of compute GPUs offer no graphics interfaces, and Vulkan counts as one: use a whole GPU',
      fix.disableMig(facts),
    ),
  ];
}

function checkKernelDriver(facts: Facts): readonly Finding[] {
  const { kernelVersion } = facts.nvidia;
  if (kernelVersion !== undefined) return [ok('kernel-driver', `NVIDIA's kernel driver ${kernelVersion}`)];
  const why = 'without it no program reaches the GPU';
  return [missing('kernel-driver', "NVIDIA's kernel driver is not loaded", why, fix.installDriver(facts))];
}

function checkDeviceNodes(facts: Facts): readonly Finding[] {
  const { deviceNodes, kernelVersion } = facts.nvidia;
  if (kernelVersion === undefined) return [];
  const numbered = deviceNodes.filter((node) => /\d$/.test(node.path));
  const control = deviceNodes.some((node) => node.path === '/dev/nvidiactl');
  if (numbered.length === 0 || !control) {
    const absent = control ? '/dev/nvidia0' : '/dev/nvidiactl';
    return [
      missing(
        'device-nodes',
        `${absent} is absent`,
        'the driver is reached through it',
        fix.makeDeviceNodes(facts),
      ),
    ];
  }
  const closed = deviceNodes.filter((node) => !node.canOpen).map((node) => node.path);
  if (closed.length === 0) return [ok('device-nodes', deviceNodes.map((node) => node.path).join(', '))];
  return [
    missing(
      'device-nodes',
      `no permission to open ${closed.join(', ')}`,
      'the driver is reached through them',
      `sudo usermod -aG "$(stat -c %G ${closed[0]})" "$USER", then log in again; or sudo chmod 666 ${closed.join(' ')}`,
    ),
  ];
}

/** The container toolkit mounts the Vulkan part of the driver for `graphics` alone; its default is compute, utility. */
function checkCapabilities(facts: Facts): readonly Finding[] {
  const { machine, host } = facts;
  if (machine.container === undefined) return [];
  const value = host.env['NVIDIA_DRIVER_CAPABILITIES'];
  const granted = new Set((value ?? '').split(',').map((name) => name.trim()));
  if (granted.has('all') || granted.has('graphics')) {
    return [ok('container-capabilities', `NVIDIA_DRIVER_CAPABILITIES=${value}`)];
  }
  // Device plugins mount the driver by other means and set no capabilities.
  if (graphicsLibrary(facts) !== undefined) return [];
  return [
    missing(
      'container-capabilities',
      value === undefined ? 'NVIDIA_DRIVER_CAPABILITIES is not set' : `NVIDIA_DRIVER_CAPABILITIES=${value}`,
      "without 'graphics' (or 'all') the container gets no Vulkan driver",
      fix.grantGraphics(facts),
    ),
  ];
}

/** The library that is NVIDIA's Vulkan driver: libGLX_nvidia, or libEGL_nvidia where the X11 that it needs is absent. */
function graphicsLibrary({ libraries }: Facts): string | undefined {
  const hasX11 = x11Libraries.every((name) => libraries.has(name));
  const names = ['libGLX_nvidia.so.0', 'libEGL_nvidia.so.0'];
  return (hasX11 ? names : names.toReversed()).find((name) => libraries.has(name));
}

const x11Libraries = ['libX11.so.6', 'libXext.so.6'];

function checkDriverLibraries(facts: Facts): readonly Finding[] {
  const names = [...facts.libraries.keys()];
  const lacks = (stem: string) => !names.some((name) => name.startsWith(`${stem}.so`));
  const absent = ['libnvidia-glvkspirv', 'libnvidia-glcore', 'libnvidia-eglcore', 'libnvidia-tls'].filter(
    lacks,
  );
  if (graphicsLibrary(facts) === undefined) absent.unshift('libGLX_nvidia', 'libEGL_nvidia');
  // In today's drivers the shader compiler is a library of its own.
  const major = Number(facts.nvidia.kernelVersion?.split('.')[0] ?? 0);
  if (major >= 550 && lacks('libnvidia-gpucomp')) absent.push('libnvidia-gpucomp');
  if (absent.length === 0) return [ok('driver-libraries', "the graphics part of NVIDIA's driver")];
  return [
    missing(
      'driver-libraries',
      `the driver is installed without ${absent.join(', ')}`,
      'that is an installation for computing only (CUDA), and Vulkan belongs to the graphics part',
      fix.installDriverLibraries(facts),
    ),
  ];
}

function checkDriverVersion(facts: Facts): readonly Finding[] {
  const { kernelVersion, libraryVersion } = facts.nvidia;
  if (kernelVersion === undefined || libraryVersion === undefined || kernelVersion === libraryVersion)
    return [];
  const inContainer = facts.machine.container !== undefined;
  return [
    missing(
      'driver-version',
      `the kernel has driver ${kernelVersion}, the libraries are ${libraryVersion}`,
      'they work in the same version only',
      inContainer
        ? "build the image without NVIDIA's driver packages; the container engine mounts the host's"
        : 'sudo reboot',
    ),
  ];
}

function checkX11Libraries(facts: Facts): readonly Finding[] {
  const absent = x11Libraries.filter((name) => !facts.libraries.has(name));
  const isUsed = facts.manifests.some((m) => m.library?.includes('libGLX_nvidia'));
  if (absent.length === 0 || !isUsed || !facts.libraries.has('libGLX_nvidia.so.0')) return [];
  const why = "NVIDIA's libGLX_nvidia.so.0 does not load without them, even where there is no display";
  return [missing('x11-libraries', `${absent.join(' and ')} absent`, why, fix.installX11Libraries(facts))];
}

function checkLoader(facts: Facts): Finding {
  const path = facts.libraries.get('libvulkan.so.1');
  if (path !== undefined) return ok('vulkan-loader', `the Vulkan loader, ${path}`);
  if (facts.probe.ok) return ok('vulkan-loader', 'the Vulkan loader that comes with the software GPU');
  const why = 'Dawn reaches every driver through it';
  return missing(
    'vulkan-loader',
    'the Vulkan loader (libvulkan.so.1) is absent',
    why,
    fix.installLoader(facts),
  );
}

function checkManifests(facts: Facts): readonly Finding[] {
  const { manifests, nvidia, namedManifests } = facts;
  const used = manifests.filter((m) => (namedManifests.length > 0 ? namedManifests.includes(m.path) : true));
  const broken = used
    .filter((m) => m.isStandard || namedManifests.includes(m.path))
    .filter((m) => m.library !== undefined && !m.libraryFound)
    .map((m) =>
      missing(
        'driver-manifest',
        `${m.path} names ${m.library}, which is absent`,
        'the loader passes over this driver',
        /nvidia/i.test(m.library ?? '') ? fix.installDriverLibraries(facts) : fix.installMesa(facts),
      ),
    );
  const working = used.filter((m) => m.libraryFound);
  const fitting = nvidia.isPresent ? working.filter((m) => /nvidia/i.test(m.library ?? '')) : working;
  if (fitting.length > 0) return [ok('driver-manifest', fitting.map((m) => m.path).join(', ')), ...broken];
  if (broken.length > 0) return broken;
  const library = nvidia.isPresent ? graphicsLibrary(facts) : undefined;
  const mend = nvidia.isPresent
    ? library === undefined
      ? fix.installDriverLibraries(facts)
      : fix.writeManifest(facts, library)
    : fix.installMesa(facts);
  return [
    missing(
      'driver-manifest',
      nvidia.isPresent ? 'no manifest of a NVIDIA driver' : 'no manifest of a Vulkan driver',
      'the loader finds drivers by these files, in /usr/share/vulkan/icd.d and /etc/vulkan/icd.d',
      mend,
    ),
  ];
}

/** Whether the software GPU can stand in: for tests and for correctness, never for times. */
export async function checkSoftwareGpu(facts: Facts): Promise<Finding> {
  const use = '`npx tilewise run FILE` and `bench` set it up; its times say nothing about a GPU';
  if (await facts.host.canMakeSoftwareGpu()) return ok('software-gpu', `a software GPU can run here: ${use}`);
  return warning(
    'software-gpu',
    'no software GPU can be set up here without root',
    'Tilewise does that on Debian and Ubuntu; elsewhere Mesa is one',
    fix.installMesa(facts),
  );
}
