// Opening a device where what runs on a GPU cannot be loaded, as in a page whose deployment has been replaced.
import { expect, it, vi } from 'vitest';
import { DeviceUnavailableError } from '../../src/errors.ts';
import { openDeviceWith, type DeviceProvider } from '../../src/runtime/device.ts';

vi.mock('../../src/runtime/gpuDevice.ts', () => {
  throw new Error('not found');
});

const destroy = vi.fn<() => void>();
const gpuDevice = {
  features: new Set(),
  limits: {},
  adapterInfo: {},
  queue: {},
  destroy,
} as unknown as GPUDevice;
const adapter = { features: new Set(), limits: {}, info: {}, requestDevice: async () => gpuDevice };
const provider: DeviceProvider = {
  openCpu: () => Promise.reject(new Error('not asked for')),
  open: async () => ({
    gpu: { requestAdapter: async () => adapter, wgslLanguageFeatures: new Set() } as unknown as GPU,
    boundsChecked: true,
  }),
  noAdapterHint: '',
};

it('destroys the device that the adapter gave, though not one of the caller', async () => {
  await expect(openDeviceWith(provider, { gpuDevice })).rejects.toThrow(DeviceUnavailableError);
  expect(destroy).not.toHaveBeenCalled();
  await expect(openDeviceWith(provider, {})).rejects.toThrow('could not be loaded');
  await vi.waitFor(() => expect(destroy).toHaveBeenCalledTimes(1));
});
