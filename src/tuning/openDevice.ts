import { expectOptions } from '../expect.ts';
import { loadFor } from '../kernels/onDemand.ts';
import {
  DEVICE_OPTIONS,
  openDeviceWith,
  type Device,
  type DeviceOptions,
  type DeviceProvider,
} from '../runtime/device.ts';
import { useRecords } from './deviceRecords.ts';
import { gpuKey, type RecordBook, type RecordStore, type TuningFile } from './records.ts';
import type * as readRecords from './readRecords.ts';
import { shippedRecords } from './shipped.ts';

export interface OpenDeviceOptions extends DeviceOptions {
  /**
   * Tuned records to choose kernels by: `true`, the default, takes the user's own of this GPU, as `tilewise tune` makes them, and
   * then those that ship with the library; a path (in browsers an address) or the content of a file of records takes these before
   * all others; `false` takes none.
   */
  readonly tuning?: boolean | string | TuningFile;
}

/**
 * Opens a device with the tuned records of its adapter.
 *
 * @throws DeviceUnavailableError when there is no adapter, or it gives no device; ArgumentError for records that were asked
 * for and cannot be read. The user's own, kept from before, are passed over with a warning instead.
 */
export async function openTunedDevice(
  provider: DeviceProvider,
  store: RecordStore,
  given: OpenDeviceOptions = {},
): Promise<Device> {
  expectOptions('openDevice', given, [...DEVICE_OPTIONS, 'tuning']);
  const { tuning = true, ...options } = given;
  const books = typeof tuning === 'boolean' ? [] : [await (await reader()).readGiven(store, tuning)];
  const device = await openDeviceWith(provider, options);
  if (device.backend === 'cpu') return device;
  try {
    await loadFor(device.capabilities);
    if (tuning === false) return device;
    const gpu = gpuKey(device.capabilities.adapter);
    const own = await readOwn(store, gpu, options.onWarning);
    const shipped = await shippedRecords[gpu]?.();
    await useRecords(device, [
      ...books,
      ...own,
      ...(shipped ? [{ source: 'shipped with tilewise', records: shipped.records }] : []),
    ]);
    return device;
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** What reads records and checks them, fetched only where there are any. */
const reader = async (): Promise<typeof readRecords> => import('./readRecords.ts');

async function readOwn(
  store: RecordStore,
  gpu: string,
  onWarning: ((message: string) => void) | undefined,
): Promise<readonly RecordBook[]> {
  try {
    const own = await store.readOwn(gpu);
    return own ? [(await reader()).parsedBook(own.json, own.source)] : [];
  } catch (error) {
    onWarning?.(`tuned records are passed over: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}
