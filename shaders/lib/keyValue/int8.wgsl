// k and v in 8 bits, four elements a word, with a factor for every 32 elements; also one at a time.
@group(0) @binding(2) var<storage, read> k: array<u32>;
@group(0) @binding(3) var<storage, read> v: array<u32>;
@group(0) @binding(13) var<storage, read> scalesK: array<f32>;
@group(0) @binding(14) var<storage, read> scalesV: array<f32>;

fn keyQuad(at: u32) -> vec4<f32> {
  return vec4<f32>(unpack4xI8(k[at])) * scalesK[at / 8u];
}

fn valueQuad(at: u32) -> vec4<f32> {
  return vec4<f32>(unpack4xI8(v[at])) * scalesV[at / 8u];
}

fn keyElement(at: u32) -> f32 {
  return keyQuad(at / 4u)[at % 4u];
}

fn valueElement(at: u32) -> f32 {
  return valueQuad(at / 4u)[at % 4u];
}
