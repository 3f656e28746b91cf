import { ArgumentError, DeviceUnavailableError, type DeviceLostError } from '../../src/errors.ts';
import type { Device, GpuDevice } from '../../src/index.ts';
import { gpuKey } from '../../src/tuning/records.ts';

/** Devices lost one after the other, after which the machine is to blame and not what runs on it. */
const MOST_LOSSES = 3;

/** A device, and another one of the same GPU where it was lost. */
export class DeviceKeeper implements Disposable {
  readonly #open: () => Promise<Device>;
  #device: GpuDevice | undefined;
  #isLost = false;
  #losses = 0;

  constructor(open: () => Promise<Device>) {
    this.#open = open;
  }

  /**
   * The device, opened anew where it is gone.
   *
   * @throws ArgumentError where what opens is no GPU, DeviceUnavailableError where it is another one than before, and what opening throws
   */
  async device(): Promise<GpuDevice> {
    if (this.#device && !this.#isLost) return this.#device;
    const before = this.#device;
    before?.destroy();
    const device = await this.#open();
    if (device.backend !== 'webgpu') throw new ArgumentError('the CPU path has nothing to tune: open a GPU');
    const [was, is] = [before ?? device, device].map(({ capabilities }) => gpuKey(capabilities.adapter));
    if (was !== is) {
      device.destroy();
      throw new DeviceUnavailableError(`the device of ${was} was lost, and what opens now is ${is}`, {});
    }
    this.#device = device;
    this.#isLost = false;
    void device.lost.then(() => {
      if (device === this.#device) this.#isLost = true;
    });
    return device;
  }

  /** The device was lost while something ran on it. @throws `error` where that happens again and again */
  noteLoss(error: DeviceLostError): void {
    this.#isLost = true;
    this.#losses++;
    if (this.#losses >= MOST_LOSSES) throw error;
  }

  /** Something ran. */
  noteSuccess(): void {
    this.#losses = 0;
  }

  [Symbol.dispose](): void {
    this.#device?.destroy();
  }
}
