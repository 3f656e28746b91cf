import { create } from 'webgpu';
import { openDevice } from '../../../src/node.ts';
import { GpuDevice } from '../../../src/runtime/gpuDevice.ts';
import { testDevice } from './device.ts';

// It has to outlive the devices.
const gpu = create([]);

/** A device that says that it binds no more than `limit` bytes at once, so that small tensors are cut; else like the test device. */
export async function narrowDevice(limit: number): Promise<GpuDevice> {
  const { capabilities } = await testDevice();
  const adapter = (await gpu.requestAdapter())!;
  const requiredFeatures = ['shader-f16', 'subgroups'].filter((name) => adapter.features.has(name));
  const own = await adapter.requestDevice({ requiredFeatures: requiredFeatures as GPUFeatureName[] });
  const { limits } = (await openDevice({ gpuDevice: own })).capabilities;
  const small = { ...limits, maxStorageBufferBindingSize: limit };
  return new GpuDevice(own, { ...capabilities, limits: small, boundsChecked: true }, { ownsDevice: true });
}
