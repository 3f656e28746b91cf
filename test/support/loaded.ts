// Before tests that convert numbers, choose kernels or plan without opening a device.
import { loadFloat16 } from '../../src/float16.ts';
import { loadFor } from '../../src/kernels/onDemand.ts';

await Promise.all([loadFloat16(), loadFor('all')]);
