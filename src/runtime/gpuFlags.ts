// Values of the WebGPU specification's flag namespaces, which Node has no globals for.

export const BufferUsage = {
  mapRead: 0x0001,
  copySrc: 0x0004,
  copyDst: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const MapMode = { read: 0x0001 } as const;

export const ShaderStage = { compute: 0x4 } as const;
