import { openDevice, type GpuDevice } from '../../../src/node.ts';

const opened = new Map<boolean, Promise<GpuDevice>>();

/** The adapter under test, opened once for all files; `checked` is the same with Dawn's bounds checks. */
export function testDevice({ checked = false } = {}): Promise<GpuDevice> {
  let device = opened.get(checked);
  if (!device) opened.set(checked, (device = openDevice({ checked })));
  return device;
}
