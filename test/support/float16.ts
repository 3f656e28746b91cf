// Before tests that convert numbers without opening a device.
import { loadFloat16 } from '../../src/float16.ts';

await loadFloat16();
