import { matmul, type GpuDevice } from 'tilewise';

const SIZE = 1024;

/** About how many operations a second a product of 1024 × 1024 matrices runs at: enough to choose shapes by. */
export async function measureSpeed(device: GpuDevice): Promise<number> {
  const a = device.tensor(new Float32Array(SIZE * SIZE), [SIZE, SIZE]);
  const graph = device.capture(() => matmul(a, a).dispose());
  try {
    // The first run wakes the GPU up.
    await device.time(graph);
    const { gpuDurationNs, wallDurationNs } = await device.time(graph);
    return (2 * SIZE ** 3 * 1e9) / (gpuDurationNs || wallDurationNs);
  } finally {
    graph.dispose();
    a.dispose();
  }
}
