import { expect, it } from 'vitest';
import { PipelineCache } from '../../src/runtime/pipelineCache.ts';

/** What a cache asks of a device, and the labels of the pipelines that it makes. */
function fakeDevice(): { readonly device: GPUDevice; readonly made: string[] } {
  const made: string[] = [];
  const device = {
    limits: { maxDynamicStorageBuffersPerPipelineLayout: 8 },
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    createShaderModule: () => ({}),
    createComputePipelineAsync: async ({ label }: GPUComputePipelineDescriptor) => {
      if (label === 'refused') throw new Error('not here');
      made.push(label!);
      return {};
    },
  } as unknown as GPUDevice;
  return { device, made };
}

const { device, made } = fakeDevice();
const cache = new PipelineCache(device);
const get = (name: string): ReturnType<PipelineCache['get']> =>
  cache.get({ parts: [{ path: name, code: `// ${name}` }] }, [], name);

it('keeps a bounded number of shaders: those that were asked for last', async () => {
  const [first, often] = [get('first'), get('often')];
  for (let i = 0; i < 5000; i++) {
    get(`${i}`);
    expect(get('often')).toBe(often);
  }
  expect(cache.size).toBe(2048);
  // Who still has the one that was forgotten goes on with it; who asks again gets another.
  await first.settled;
  expect(first.pipeline).toBeDefined();
  const again = get('first');
  expect(again).not.toBe(first);
  await again.settled;
  expect(made.filter((label) => label === 'first')).toHaveLength(2);
  expect(made.filter((label) => label === 'often')).toHaveLength(1);
});

it('keeps what was refused, so that nobody tries it again', async () => {
  const refused = get('refused');
  await refused.settled;
  expect(refused.error).toBeDefined();
  for (let i = 0; i < 5000; i++) get(`later ${i}`);
  expect(get('refused')).toBe(refused);
});
