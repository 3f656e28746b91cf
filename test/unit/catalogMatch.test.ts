import { describe, expect, it } from 'vitest';
import { findAccelerator, isSoftwareAdapter, matchAccelerator } from '../../bench/catalog/index.ts';
import { matchableAcceleratorIds } from '../../bench/catalog/match.ts';

describe('matchAccelerator', () => {
  it.each([
    ['tesla-t4', 'nvidia-t4'],
    ['nvidia-t4g', 'nvidia-t4g'],
    ['nvidia-a10', 'nvidia-a10'],
    ['nvidia-a10g', 'nvidia-a10g'],
    ['nvidia-a16', 'nvidia-a16'],
    ['nvidia-a40', 'nvidia-a40'],
    ['nvidia-a100-sxm4-40gb', 'nvidia-a100-sxm-40'],
    ['nvidia-a100-sxm4-80gb', 'nvidia-a100-sxm-80'],
    ['nvidia-a100-80gb-pcie', 'nvidia-a100-pcie-80'],
    ['nvidia-a100-pcie-40gb', 'nvidia-a100-pcie-40'],
    ['nvidia-l4', 'nvidia-l4'],
    ['nvidia-l40', 'nvidia-l40'],
    ['nvidia-l40s', 'nvidia-l40s'],
    ['nvidia-h100-80gb-hbm3', 'nvidia-h100-sxm'],
    ['nvidia-h100', 'nvidia-h100-sxm'],
    ['nvidia-h100-pcie', 'nvidia-h100-pcie'],
    ['nvidia-h100-nvl', 'nvidia-h100-nvl'],
    ['nvidia-h200', 'nvidia-h200-sxm'],
    ['nvidia-h200-nvl', 'nvidia-h200-nvl'],
    ['nvidia-gh200-480gb', 'nvidia-gh200-96'],
    ['nvidia-gh200-144g-hbm3e', 'nvidia-gh200-144'],
    ['nvidia-b200', 'nvidia-b200'],
    ['nvidia-gb200', 'nvidia-gb200'],
    ['nvidia-b300-sxm6-ac', 'nvidia-b300'],
    ['nvidia-gb300', 'nvidia-gb300'],
    ['nvidia-rtx-pro-6000-blackwell-server-edition', 'nvidia-rtx-pro-6000-server'],
    ['nvidia-rtx-pro-4500-blackwell-server-edition', 'nvidia-rtx-pro-4500-server'],
    ['tesla-v100-sxm2-16gb', 'nvidia-v100-sxm2-16'],
    ['tesla-v100-sxm2-32gb', 'nvidia-v100-sxm2-32'],
    ['tesla-v100-pcie-16gb', 'nvidia-v100-pcie-16'],
    ['tesla-p100-pcie-16gb', 'nvidia-p100-pcie-16'],
    ['tesla-k80', 'nvidia-k80'],
    ['amd-instinct-mi300x-vf', 'amd-mi300x'],
    ['amd-radeon-pro-v520-radv-navi12', 'amd-v520'],
    ['intel-r-data-center-gpu-max-1550', 'intel-max-1550'],
    ['NVIDIA H100 80GB HBM3', 'nvidia-h100-sxm'],
    ['Tesla T4', 'nvidia-t4'],
  ])('%s is %s', (device, id) => {
    expect(matchAccelerator({ device })?.id).toBe(id);
  });

  it.each([
    ['several models bear the name', 'nvidia-a100'],
    ['another memory size', 'nvidia-h100-64gb-hbm2'],
    ['a slice of a device (MIG)', 'nvidia-a100-sxm4-40gb-mig-1g-5gb'],
    ['a slice of a device (vGPU)', 'nvidia-a10-8q'],
    ['a slice of a device (GRID)', 'grid-t4-2b'],
    ['a slice of a device (MxGPU)', 'amd-radeon-pro-v710-mxgpu'],
    ['another edition', 'nvidia-rtx-pro-6000-blackwell-workstation-edition'],
    ['another edition with a server name inside', 'nvidia-rtx-pro-6000-blackwell-max-q-workstation-edition'],
    ['a product that is not in the catalogue', 'nvidia-a100x'],
    ['a product that is not in the catalogue', 'nvidia-a30'],
    ['a product that is not in the catalogue', 'nvidia-h20'],
    ['a product that is not in the catalogue', 'nvidia-t400-4gb'],
    ['a consumer card', 'nvidia-geforce-rtx-4090'],
    ['a workstation card', 'nvidia-rtx-a4000'],
    ['a masked name', ''],
    ['a software adapter', 'llvmpipe-llvm-19-1-7-256-bits'],
  ])('%s: %s is nothing', (_why, device) => {
    expect(matchAccelerator({ device })).toBeUndefined();
  });

  it('reads the description where the device name is empty', () => {
    expect(matchAccelerator({ device: '', description: 'NVIDIA L40S' })?.id).toBe('nvidia-l40s');
  });

  it('never matches a fallback adapter', () => {
    expect(matchAccelerator({ device: 'nvidia-l4', isFallbackAdapter: true })).toBeUndefined();
  });

  it('lists accelerators that exist and that WebGPU may reach', () => {
    const reach = [...matchableAcceleratorIds].map((id) => findAccelerator(id)?.webgpu);
    expect(reach.filter((webgpu) => webgpu !== 'yes' && webgpu !== 'unverified')).toEqual([]);
  });
});

describe('isSoftwareAdapter', () => {
  it.each([
    [{ device: 'llvmpipe-llvm-19-1-7-256-bits' }, true],
    [{ vendor: 'google', device: 'swiftshader-device-llvm-10-0-0' }, true],
    [{ vendor: 'mesa', device: '', description: 'llvmpipe: Mesa 26.1.6 (LLVM 19)' }, true],
    [{ device: 'microsoft-basic-render-driver' }, true],
    [{ device: 'anything', isFallbackAdapter: true }, true],
    [{ device: 'nvidia-l4', description: 'NVIDIA: 580.95.05' }, false],
    [{ device: 'amd-radeon-pro-v520-radv-navi12', description: 'radv: Mesa 25.0.7' }, false],
  ])('%o: %s', (adapter, software) => {
    expect(isSoftwareAdapter(adapter)).toBe(software);
  });
});
