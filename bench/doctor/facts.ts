import type { ProbeResult } from '../../scripts/adapter.mjs';
import { identifyCloud } from '../machine/clouds.ts';
import type { Cloud } from '../machine/clouds.ts';
import { describeMachine } from '../machine/index.ts';
import type { Machine } from '../machine/index.ts';
import type { Host } from './host.ts';

/** A file that tells the Vulkan loader of a driver. */
export interface DriverManifest {
  readonly path: string;
  /** The driver library that it names; `undefined` where the file is absent or is no manifest. */
  readonly library: string | undefined;
  /** Whether that library is there. */
  readonly libraryFound: boolean;
  /** Whether the loader looks in this folder by itself. */
  readonly isStandard: boolean;
}

/** Everything that the checks go by. */
export interface Facts {
  readonly host: Host;
  readonly machine: Machine;
  readonly cloud: Cloud | undefined;
  readonly family: SystemFamily;
  /** What Dawn says with the environment as it is. */
  readonly probe: ProbeResult;
  /** What Dawn says with the manifests named that lie where no loader looks; `null` where there are none. */
  readonly mountedProbe: ProbeResult | null;
  /** Shared libraries that the dynamic linker finds, and NVIDIA's wherever they are mounted: name to path. */
  readonly libraries: ReadonlyMap<string, string>;
  readonly manifests: readonly DriverManifest[];
  /** The value of VK_DRIVER_FILES or the older VK_ICD_FILENAMES, whichever the loader goes by. */
  readonly namedManifests: readonly string[];
  readonly nvidia: NvidiaFacts;
}

export interface NvidiaFacts {
  /** On the PCI bus, or known by its device files. */
  readonly isPresent: boolean;
  /** Version of the kernel module that is loaded. */
  readonly kernelVersion: string | undefined;
  /** Version in the names of the driver's libraries. */
  readonly libraryVersion: string | undefined;
  readonly deviceNodes: readonly { readonly path: string; readonly canOpen: boolean }[];
  /** The package of the CUDA part of the driver, where a package manager installed it. */
  readonly computePackage: string | undefined;
}

export type SystemFamily = 'ubuntu' | 'debian' | 'rhel' | 'amazon' | 'suse' | 'alpine' | 'other';

const standardManifestDirs = [
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
];
const mountedManifestDirs = ['/usr/local/nvidia/share/vulkan/icd.d', '/usr/local/nvidia/vulkan/icd.d'];

/** Where container platforms mount the driver beside the linker's own folders. */
const mountedLibraryDirs = ['/usr/local/nvidia/lib64', '/usr/local/nvidia/lib'];
const standardLibraryDirs = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib64',
  '/lib64',
  '/usr/lib',
];

export async function gatherFacts(host: Host): Promise<Facts> {
  const [machine, identity, family, libraries] = await Promise.all([
    describeMachine(host),
    identifyCloud(host),
    systemFamily(host),
    findLibraries(host),
  ]);
  const named = (host.env['VK_DRIVER_FILES'] || host.env['VK_ICD_FILENAMES'] || '')
    .split(':')
    .filter(Boolean);
  const [manifests, nvidia] = await Promise.all([
    findManifests(host, named, libraries),
    nvidiaFacts(host, machine, family, libraries),
  ]);
  const mounted = manifests.filter((m) => !m.isStandard && !named.includes(m.path)).map((m) => m.path);
  const probe = await host.probeAdapter({});
  const hasHardware = probe.ok && !probe.adapter.isSoftware;
  const mountedProbe =
    hasHardware || named.length > 0 || mounted.length === 0
      ? null
      : await host.probeAdapter({ VK_DRIVER_FILES: mounted.join(':') });
  return {
    host,
    machine,
    cloud: identity?.cloud,
    family,
    probe,
    mountedProbe,
    libraries,
    manifests,
    namedManifests: named,
    nvidia,
  };
}

async function systemFamily(host: Host): Promise<SystemFamily> {
  const release = (await host.readText('/etc/os-release')) ?? '';
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')];
  const is = (...names: string[]) => ids.some((id) => names.includes(id));
  if (is('amzn')) return 'amazon';
  if (is('ubuntu')) return 'ubuntu';
  if (is('debian')) return 'debian';
  if (is('rhel', 'fedora', 'centos', 'ol')) return 'rhel';
  if (is('suse', 'opensuse', 'sles')) return 'suse';
  return is('alpine') ? 'alpine' : 'other';
}

async function findLibraries(host: Host): Promise<ReadonlyMap<string, string>> {
  const libraries = new Map<string, string>();
  const cache = (await host.run('/sbin/ldconfig', '-p')) ?? (await host.run('ldconfig', '-p')) ?? '';
  for (const [, name, path] of cache.matchAll(/^\s*(\S+) \([^)]*x86-64[^)]*\) => (\S+)$/gm)) {
    if (name && path) libraries.set(name, path);
  }
  const cachedDirs = [...libraries.values()].filter(
    (path) => path.includes('nvidia') || path.includes('libcuda'),
  );
  const named = (host.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean);
  const dirs = new Set([
    ...named,
    ...standardLibraryDirs,
    ...mountedLibraryDirs,
    ...cachedDirs.map((path) => path.slice(0, path.lastIndexOf('/'))),
  ]);
  for (const dir of dirs) {
    for (const name of await host.listDirectory(dir)) {
      if (name.includes('.so') && !libraries.has(name)) libraries.set(name, `${dir}/${name}`);
    }
  }
  return libraries;
}

async function findManifests(
  host: Host,
  named: readonly string[],
  libraries: ReadonlyMap<string, string>,
): Promise<readonly DriverManifest[]> {
  const inDirs = async (dirs: readonly string[]) =>
    (
      await Promise.all(
        dirs.map(async (dir) => (await host.listDirectory(dir)).map((name) => `${dir}/${name}`)),
      )
    )
      .flat()
      .filter((path) => path.endsWith('.json'));
  const standard = await inDirs(standardManifestDirs);
  const mounted = await inDirs(mountedManifestDirs);
  const paths = [...new Set([...named, ...standard, ...mounted])];
  return Promise.all(
    paths.map(async (path) => {
      const library = manifestLibrary(await host.readText(path));
      return {
        path,
        library,
        libraryFound: library !== undefined && (await libraryExists(host, path, library, libraries)),
        isStandard: standard.includes(path),
      };
    }),
  );
}

function manifestLibrary(text: string | undefined): string | undefined {
  try {
    const manifest = JSON.parse(text ?? '') as { ICD?: { library_path?: unknown } } | null;
    const library = manifest?.ICD?.library_path;
    return typeof library === 'string' ? library : undefined;
  } catch {
    return undefined;
  }
}

/** A bare name is for the dynamic linker; a relative path starts at the manifest. */
async function libraryExists(
  host: Host,
  manifest: string,
  library: string,
  libraries: ReadonlyMap<string, string>,
): Promise<boolean> {
  if (!library.includes('/')) return libraries.has(library);
  const base = library.startsWith('/')
    ? library
    : `${manifest.slice(0, manifest.lastIndexOf('/'))}/${library}`;
  const path = new URL(base, 'file:///').pathname;
  const at = path.lastIndexOf('/');
  return (await host.listDirectory(decodeURI(path.slice(0, at)))).includes(decodeURI(path.slice(at + 1)));
}

async function nvidiaFacts(
  host: Host,
  machine: Machine,
  family: SystemFamily,
  libraries: ReadonlyMap<string, string>,
): Promise<NvidiaFacts> {
  const [version, devices, computePackage] = await Promise.all([
    host.readText('/proc/driver/nvidia/version'),
    host.listDirectory('/dev'),
    nvidiaComputePackage(host, family),
  ]);
  const nodes = devices.filter((name) => /^nvidia(\d+|ctl)$/.test(name)).map((name) => `/dev/${name}`);
  const deviceNodes = await Promise.all(
    nodes.map(async (path) => ({ path, canOpen: await host.canOpen(path) })),
  );
  const onBus = machine.pciGpus.some((gpu) => gpu.pciId.startsWith('10de:'));
  return {
    isPresent: onBus || nodes.length > 0 || machine.nvidiaGpus.length > 0,
    kernelVersion: /Kernel Module.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(version ?? '')?.[1],
    libraryVersion: [...libraries.keys()]
      .map(
        (name) =>
          /^lib(?:cuda|nvidia-ml|nvidia-glcore|GLX_nvidia)\.so\.(\d{3}\.\d+(?:\.\d+)?)$/.exec(name)?.[1],
      )
      .find((found) => found !== undefined),
    deviceNodes,
    computePackage,
  };
}

async function nvidiaComputePackage(host: Host, family: SystemFamily): Promise<string | undefined> {
  if (family === 'ubuntu' || family === 'debian') {
    const output = await host.run('dpkg-query', '-W', '-f=${Package} ${db:Status-Abbrev}\n');
    return /^(libnvidia-compute\S*|libcuda1) ii/m.exec(output ?? '')?.[1];
  }
  if (family === 'rhel' || family === 'amazon') {
    const output = await host.run('rpm', '-qa', '--qf', '%{NAME}\n');
    return /^(nvidia-driver-cuda(?:-libs)?)$/m.exec(output ?? '')?.[1];
  }
  return undefined;
}
