/**
 * Asks Dawn for its best adapter and prints one line of JSON: a `ProbeResult` of adapter.mjs. A process of its own,
 * because a broken driver can end the process that asks.
 */

// The same as what openDevice() asks for; NVIDIA hides half precision and subgroup matrices without them.
const dawnOptions = ['enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia'];

/** @param {unknown} result */
function answer(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** @param {unknown} error */
function explain(error) {
  const { code, message } = error instanceof Error ? /** @type {NodeJS.ErrnoException} */ (error) : {};
  return { ok: false, reason: code === 'ERR_MODULE_NOT_FOUND' ? 'webgpuMissing' : 'webgpuBroken', message };
}

try {
  const { create } = await import('webgpu');
  const gpu = create(dawnOptions);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    answer({ ok: false, reason: 'noAdapter', message: 'Dawn found no adapter' });
  } else {
    const info = /** @type {import('./adapter.mjs').DawnAdapterInfo} */ (adapter.info);
    answer({
      ok: true,
      adapter: {
        vendor: info.vendor,
        architecture: info.architecture,
        device: info.device,
        description: info.description,
        isSoftware: info.isFallbackAdapter || ['llvmpipe', 'swiftshader'].includes(info.architecture),
        features: [...adapter.features].sort(),
        subgroupSizes: [info.subgroupMinSize ?? null, info.subgroupMaxSize ?? null],
        subgroupMatrixConfigs: [...(info.subgroupMatrixConfigs ?? [])].map((c) => ({
          componentType: c.componentType,
          resultComponentType: c.resultComponentType,
          m: c.M,
          n: c.N,
          k: c.K,
        })),
      },
    });
  }
} catch (error) {
  answer(explain(error));
}
