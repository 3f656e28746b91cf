import type { Facts } from './facts.ts';

/**
 * The commands that mend what the checks find. Package names are those of the distributions and of NVIDIA's driver
 * installation guide (docs.nvidia.com/datacenter/tesla/driver-installation-guide, release 620).
 */

function root(facts: Facts, command: string): string {
  return facts.host.isRoot ? command : `sudo ${command}`;
}

interface PackageNames {
  readonly apt: string;
  readonly dnf: string;
  readonly zypper: string;
}

function install(facts: Facts, names: PackageNames): string | null {
  const apt = `${root(facts, 'apt-get update')} && ${root(facts, `apt-get install -y ${names.apt}`)}`;
  const dnf = root(facts, `dnf install -y ${names.dnf}`);
  const zypper = root(facts, `zypper install -y ${names.zypper}`);
  const commands = {
    ubuntu: apt,
    debian: apt,
    rhel: dnf,
    amazon: dnf,
    suse: zypper,
    alpine: null,
    other: null,
  };
  return commands[facts.family];
}

export function installLoader(facts: Facts): string | null {
  return install(facts, { apt: 'libvulkan1', dnf: 'vulkan-loader', zypper: 'libvulkan1' });
}

export function installX11Libraries(facts: Facts): string | null {
  return install(facts, { apt: 'libx11-6 libxext6', dnf: 'libX11 libXext', zypper: 'libX11-6 libXext6' });
}

export function installMesa(facts: Facts): string | null {
  return install(facts, {
    apt: 'libvulkan1 mesa-vulkan-drivers',
    dnf: 'vulkan-loader mesa-vulkan-drivers',
    zypper: 'libvulkan1 Mesa-vulkan-device-select libvulkan_radeon libvulkan_intel',
  });
}

/** How a container gets the graphics part of the driver; each engine has its own way. */
export function grantGraphics(facts: Facts): string {
  switch (facts.machine.container) {
    case 'kubernetes':
      return 'in the pod: env: [{ name: NVIDIA_DRIVER_CAPABILITIES, value: all }]';
    case 'podman':
      return 'on the host: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml && podman run --device nvidia.com/gpu=all -e NVIDIA_DRIVER_CAPABILITIES=all IMAGE';
    default:
      return 'docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all IMAGE';
  }
}

/** How a container gets a GPU at all. */
export function grantGpu(facts: Facts): string {
  return facts.machine.container === 'kubernetes'
    ? 'in the pod: resources: { limits: { nvidia.com/gpu: 1 } }, env: [{ name: NVIDIA_DRIVER_CAPABILITIES, value: all }]'
    : grantGraphics(facts);
}

/** A driver where there is none: by the cloud's own way, where it has one, else by the distribution's. */
export function installDriver(facts: Facts): string | null {
  if (facts.machine.container !== undefined) return 'on the host: npx tilewise doctor';
  if (facts.cloud === 'azure') {
    return 'az vm extension set --publisher Microsoft.HpcCompute --name NvidiaGpuDriverLinux --resource-group GROUP --vm-name NAME';
  }
  if (facts.cloud === 'gcp') {
    return 'curl -fLO https://storage.googleapis.com/compute-gpu-installation-us/installer/latest/cuda_installer.pyz && sudo python3 cuda_installer.pyz install_driver';
  }
  if (facts.cloud === 'oci' && facts.family === 'rhel') {
    return "start from the Oracle Linux image whose name has 'GPU': it has the driver";
  }
  const then = (...commands: string[]) => commands.map((command) => root(facts, command)).join(' && ');
  const commands = {
    ubuntu: then('apt-get install -y ubuntu-drivers-common', 'ubuntu-drivers install', 'reboot'),
    debian: `with contrib and non-free in the apt sources: ${then('apt-get install -y nvidia-driver', 'reboot')}`,
    amazon: then('dnf install -y nvidia-release', 'dnf install -y nvidia-open', 'reboot'),
    rhel: `with NVIDIA's package repository set up: ${then('dnf install -y nvidia-open', 'reboot')}`,
    suse: null,
    alpine: null,
    other: null,
  };
  return commands[facts.family];
}

/** The graphics part of a driver that was installed for computing only, in the same version. */
export function installDriverLibraries(facts: Facts): string | null {
  const { computePackage, kernelVersion } = facts.nvidia;
  if (facts.machine.container !== undefined) return grantGraphics(facts);
  if (computePackage?.startsWith('libnvidia-compute')) {
    return root(facts, `apt-get install -y ${computePackage.replace('compute', 'gl')}`);
  }
  if (computePackage === 'libcuda1') return root(facts, 'apt-get install -y nvidia-vulkan-icd');
  if (computePackage !== undefined) return root(facts, 'dnf install -y nvidia-driver-libs');
  if (kernelVersion === undefined) return null;
  // Deep Learning AMIs and many other images have the driver from NVIDIA's own installer.
  const file = `NVIDIA-Linux-x86_64-${kernelVersion}.run`;
  return `curl -fLO https://us.download.nvidia.com/tesla/${kernelVersion}/${file} && ${root(facts, `sh ${file} --silent --no-kernel-modules`)}`;
}

/** Writes the manifest of a driver whose libraries are there. */
export function writeManifest(facts: Facts, library: string): string {
  const manifest = JSON.stringify({
    file_format_version: '1.0.1',
    ICD: { library_path: library, api_version: '1.3.0' },
  });
  const tee = root(facts, 'tee /etc/vulkan/icd.d/nvidia_icd.json');
  return `${root(facts, 'mkdir -p /etc/vulkan/icd.d')} && echo '${manifest}' | ${tee}`;
}

export function makeDeviceNodes(facts: Facts): string {
  return facts.machine.container === undefined ? root(facts, 'nvidia-modprobe -c0 -u') : grantGpu(facts);
}

export function disableMig(facts: Facts): string {
  return facts.machine.container === undefined
    ? root(facts, 'nvidia-smi -mig 0')
    : 'on the host: sudo nvidia-smi -mig 0';
}
