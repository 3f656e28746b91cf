import { BufferUsage, MapMode } from './gpuFlags.ts';

const TIMESTAMP_BYTES = 8;

/** GPU clock readings at the beginning and the end of passes. */
export class TimestampRecorder {
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #readback: GPUBuffer;
  readonly #count: number;
  #next = 0;

  constructor(device: GPUDevice, passCount: number) {
    this.#count = 2 * passCount;
    const size = this.#count * TIMESTAMP_BYTES;
    this.#querySet = device.createQuerySet({ type: 'timestamp', count: this.#count });
    this.#resolved = device.createBuffer({ size, usage: BufferUsage.queryResolve | BufferUsage.copySrc });
    this.#readback = device.createBuffer({ size, usage: BufferUsage.mapRead | BufferUsage.copyDst });
  }

  /** Where the next pass writes its two readings. */
  nextPass(): GPUComputePassTimestampWrites {
    const begin = this.#next;
    this.#next += 2;
    return { querySet: this.#querySet, beginningOfPassWriteIndex: begin, endOfPassWriteIndex: begin + 1 };
  }

  /** To be called once, after the last pass has been encoded. */
  resolve(encoder: GPUCommandEncoder): void {
    if (this.#next === 0) return;
    encoder.resolveQuerySet(this.#querySet, 0, this.#next, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, this.#next * TIMESTAMP_BYTES);
  }

  /**
   * Durations of the passes in nanoseconds, in the order of `nextPass()`; undefined where the clock ran backwards,
   * which the specification allows. Frees the recorder's resources.
   */
  async readDurationsNs(): Promise<(number | undefined)[]> {
    try {
      if (this.#next === 0) return [];
      await this.#readback.mapAsync(MapMode.read);
      const stamps = new BigUint64Array(this.#readback.getMappedRange());
      const durations: (number | undefined)[] = [];
      for (let i = 0; i < this.#next; i += 2) {
        const duration = Number(stamps[i + 1]! - stamps[i]!);
        durations.push(duration >= 0 ? duration : undefined);
      }
      return durations;
    } finally {
      this.#querySet.destroy();
      this.#resolved.destroy();
      this.#readback.destroy();
    }
  }
}
