// What tests change in a page before its own scripts run. Each function is sent to the browser as text, so it stands alone.

/** Spoils one element of the first product's result: nothing else in the first rows has as many bytes. */
export function spoilFirstResult(): void {
  type Read = (this: GPUBuffer, offset?: number, sizeBytes?: number) => ArrayBuffer;
  const read: Read = Reflect.get(GPUBuffer.prototype, 'getMappedRange');
  const spoiled: Read = function (offset, sizeBytes) {
    const bytes = read.call(this, offset, sizeBytes);
    if (bytes.byteLength === 256 * 256 * 4) new Float32Array(bytes)[4321]! += 1;
    return bytes;
  };
  Reflect.set(GPUBuffer.prototype, 'getMappedRange', spoiled);
}

/** Keeps the device that the page opened last as `lastDevice`, so that a test can take it away. */
export function rememberDevice(): void {
  type Request = (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;
  const request: Request = Reflect.get(GPUAdapter.prototype, 'requestDevice');
  const remembered: Request = async function (descriptor) {
    const device = await request.call(this, descriptor);
    Object.assign(globalThis, { lastDevice: device });
    return device;
  };
  Reflect.set(GPUAdapter.prototype, 'requestDevice', remembered);
}

/** Takes away the device that `rememberDevice` kept. */
export function loseDevice(): void {
  (globalThis as unknown as { lastDevice: GPUDevice }).lastDevice.destroy();
}

/** Counts the buffers that the page asks for as `buffersMade`. */
export function countBuffers(): void {
  type Create = (this: GPUDevice, descriptor: GPUBufferDescriptor) => GPUBuffer;
  const create: Create = Reflect.get(GPUDevice.prototype, 'createBuffer');
  const counted: Create = function (descriptor) {
    Reflect.set(globalThis, 'buffersMade', (Reflect.get(globalThis, 'buffersMade') ?? 0) + 1);
    return create.call(this, descriptor);
  };
  Reflect.set(GPUDevice.prototype, 'createBuffer', counted);
}

/** An adapter that binds no more than 64 KiB at once. */
export function limitBindings(): void {
  const limit = { get: () => 65_536 };
  Object.defineProperty(GPUSupportedLimits.prototype, 'maxStorageBufferBindingSize', limit);
}

/** A GPU that has no room for any more buffers as soon as `full` is set in the page. */
export function fillMemory(): void {
  type Create = (this: GPUDevice, descriptor: GPUBufferDescriptor) => GPUBuffer;
  type Pop = (this: GPUDevice) => Promise<GPUError | null>;
  const create: Create = Reflect.get(GPUDevice.prototype, 'createBuffer');
  const pop: Pop = Reflect.get(GPUDevice.prototype, 'popErrorScope');
  let refused = false;
  const refusing: Create = function (descriptor) {
    refused ||= Reflect.get(globalThis, 'full') === true;
    return create.call(this, descriptor);
  };
  const told: Pop = async function () {
    const error = refused ? new GPUOutOfMemoryError('no memory is left') : null;
    refused = false;
    return (await pop.call(this)) ?? error;
  };
  Reflect.set(GPUDevice.prototype, 'createBuffer', refusing);
  Reflect.set(GPUDevice.prototype, 'popErrorScope', told);
}

/** A GPU clock that advances in steps of 102.4 microseconds. Nothing but its readings has 16 bytes. */
export function coarsenClock(): void {
  type Read = (this: GPUBuffer, offset?: number, sizeBytes?: number) => ArrayBuffer;
  const read: Read = Reflect.get(GPUBuffer.prototype, 'getMappedRange');
  const coarse: Read = function (offset, sizeBytes) {
    const bytes = read.call(this, offset, sizeBytes);
    if (bytes.byteLength === 16) {
      const readings = new BigUint64Array(bytes);
      for (const [index, reading] of readings.entries()) readings[index] = reading - (reading % 102_400n);
    }
    return bytes;
  };
  Reflect.set(GPUBuffer.prototype, 'getMappedRange', coarse);
}

/** A browser that has never heard of WebGPU. */
export function removeWebGpu(): void {
  Reflect.deleteProperty(Navigator.prototype, 'gpu');
}

/** Hides the tab, or shows it again, as far as the page can see. */
export function setHidden(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}
