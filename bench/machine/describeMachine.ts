import os from 'node:os';
import Papa from 'papaparse';
import { realSystem } from './system.ts';
import type { System } from './system.ts';

/** A display controller or processing accelerator on the PCI bus, whether or not it has a driver. */
export interface PciGpu {
  /** Domain, bus, device and function, such as `0000:1e:00.0`. */
  readonly address: string;
  /** Vendor and device, such as `10de:26b9`, as the PCI id database lists them. */
  readonly pciId: string;
}

/** What nvidia-smi says of one GPU; a figure that it does not have is `undefined`. */
export interface NvidiaGpu {
  readonly name: string;
  /** Device and vendor in one number, such as `0x26B910DE`. */
  readonly pciDeviceId: string | undefined;
  readonly driverVersion: string | undefined;
  readonly memoryMib: number | undefined;
  readonly maxProcessorMhz: number | undefined;
  readonly maxMemoryMhz: number | undefined;
  readonly powerLimitWatts: number | undefined;
  /** Whether the GPU is cut into slices (MIG). */
  readonly mig: boolean | undefined;
}

/** The machine that a benchmark ran on. Nothing in it names a user, a host or an account. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** The distribution's own name, such as "Debian GNU/Linux 13 (trixie)". */
  readonly distribution: string | undefined;
  readonly kernel: string;
  readonly cpuModel: string;
  /** Logical processors. */
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
  /** The kind of container the program runs in, or `undefined` outside of one. */
  readonly container: string | undefined;
  readonly pciGpus: readonly PciGpu[];
  /** Empty where there is no nvidia-smi, or no NVIDIA GPU. */
  readonly nvidiaGpus: readonly NvidiaGpu[];
}

/** Describes the machine from files and from nvidia-smi, where there is one; never throws. */
export async function describeMachine(system: System = realSystem): Promise<Machine> {
  const [release, container, pciGpus, nvidiaGpus] = await Promise.all([
    system.readText('/etc/os-release'),
    findContainer(system),
    listPciGpus(system),
    listNvidiaGpus(system),
  ]);
  const cpus = os.cpus();
  return {
    platform: os.platform(),
    arch: os.arch(),
    distribution: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release ?? '')?.[1],
    kernel: os.release(),
    cpuModel: cpus[0]?.model.trim() || 'unknown',
    cpuCount: cpus.length,
    memoryBytes: os.totalmem(),
    nodeVersion: process.version,
    container,
    pciGpus,
    nvidiaGpus,
  };
}

/** The marks that container engines leave, most telling first. */
async function findContainer(system: System): Promise<string | undefined> {
  if (system.env['KUBERNETES_SERVICE_HOST']) return 'kubernetes';
  const [declared, podman, docker, cgroup] = await Promise.all([
    system.readText('/run/systemd/container'),
    system.readText('/run/.containerenv'),
    system.readText('/.dockerenv'),
    system.readText('/proc/1/cgroup'),
  ]);
  if (declared) return declared;
  if (podman !== undefined) return 'podman';
  if (docker !== undefined) return 'docker';
  return /\b(kubepods|docker|containerd|lxc)\b/.exec(cgroup ?? '')?.[1];
}

const PCI = '/sys/bus/pci/devices';

/** Display controllers (class 03) and processing accelerators (12). */
const GPU_CLASS = /^0x(?:03|12)/;

async function listPciGpus(system: System): Promise<readonly PciGpu[]> {
  const addresses = await system.listDirectory(PCI);
  const gpus = await Promise.all(
    addresses.map(async (address) => {
      const [pciClass, vendor, device] = await Promise.all(
        ['class', 'vendor', 'device'].map((file) => system.readText(`${PCI}/${address}/${file}`)),
      );
      if (!pciClass || !GPU_CLASS.test(pciClass) || !vendor || !device) return [];
      return [{ address, pciId: `${vendor}:${device}`.replaceAll('0x', '') }];
    }),
  );
  return gpus.flat();
}

const NVIDIA_FIELDS = [
  'name',
  'pci.device_id',
  'driver_version',
  'memory.total',
  'clocks.max.sm',
  'clocks.max.mem',
  'power.limit',
  'mig.mode.current',
] as const;

async function listNvidiaGpus(system: System): Promise<readonly NvidiaGpu[]> {
  const output = await system.run(
    'nvidia-smi',
    `--query-gpu=${NVIDIA_FIELDS.join(',')}`,
    '--format=csv,noheader,nounits',
  );
  const { data } = Papa.parse<string[]>(output ?? '', { skipEmptyLines: true });
  return data.flatMap((cells) => {
    const [name, pciDeviceId, driverVersion, memory, processorClock, memoryClock, power, mig] =
      cells.map(known);
    // A driver that fails prints a sentence instead of a row.
    if (cells.length !== NVIDIA_FIELDS.length || name === undefined) return [];
    return {
      name,
      pciDeviceId,
      driverVersion,
      memoryMib: number(memory),
      maxProcessorMhz: number(processorClock),
      maxMemoryMhz: number(memoryClock),
      powerLimitWatts: number(power),
      mig: mig === undefined ? undefined : mig === 'Enabled',
    };
  });
}

/** nvidia-smi prints "[N/A]" and "[Not Supported]" for what a GPU does not have. */
function known(cell: string): string | undefined {
  const text = cell.trim();
  return text === '' || text.startsWith('[') ? undefined : text;
}

function number(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || Number.isNaN(value) ? undefined : value;
}
