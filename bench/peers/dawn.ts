import { globals } from 'webgpu';
import { openDevice } from '../../src/node.ts';
import type { PeerSettings } from './peer.ts';

/** A device for a library that was made for browsers. */
export interface BrowserLikeDevice {
  readonly gpuDevice: GPUDevice;
  /** In the driver's words. */
  readonly name: string;
  /** @throws Error with what the device reported since the last call: libraries go on after an error, with zeros. */
  readonly throwReported: () => void;
}

/**
 * A device opened as Tilewise opens its own: the same adapter, the same switches of Dawn, all that the adapter has. Puts the
 * names that a browser has into the global scope; `navigator.gpu` hands out this device.
 */
export async function openLikeABrowser({ adapter, checked }: PeerSettings): Promise<BrowserLikeDevice> {
  const reported: string[] = [];
  const device = await openDevice({
    checked,
    ...(adapter !== undefined && { adapter }),
    onWarning: (message) => reported.push(message),
  });
  const { gpuDevice } = device;
  Object.assign(globalThis, globals);
  define('self', globalThis);
  define('navigator', { userAgent: 'Node.js', gpu: onlyOffering(gpuDevice) });
  return {
    gpuDevice,
    name: deviceName(gpuDevice.adapterInfo),
    throwReported() {
      const [first] = reported.splice(0);
      if (first !== undefined) throw new Error(`the device reported: ${first.split('\n')[0]}`);
    },
  };
}

/** What an adapter is called, in the driver's words. */
export function deviceName({ description, device }: Pick<GPUAdapterInfo, 'description' | 'device'>): string {
  return [device, description].filter((text) => text !== '').join(', ');
}

/** Puts a name into the global scope. */
export function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** A `navigator.gpu` whose only adapter gives this device. */
function onlyOffering(gpuDevice: GPUDevice): object {
  const { features, limits, adapterInfo } = gpuDevice;
  const adapter = { features, limits, info: adapterInfo, requestDevice: async () => gpuDevice };
  return { requestAdapter: async () => adapter };
}
