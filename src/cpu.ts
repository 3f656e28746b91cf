// The CPU backend, in a module of its own that is loaded when it is asked for: who runs on a GPU does not carry it along.
import { oracles } from './kernels/oracles.ts';
import { CpuDevice } from './runtime/cpuDevice.ts';

export function openCpu(): CpuDevice {
  return new CpuDevice(oracles);
}
