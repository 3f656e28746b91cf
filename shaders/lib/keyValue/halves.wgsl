// k and v in half precision, four elements at a time, out of two words: drivers that run on a processor load words many at
// once, and halves one by one.
@group(0) @binding(2) var<storage, read> k: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> v: array<vec2<u32>>;

fn quadOf(words: vec2<u32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn keyQuad(at: u32) -> vec4<f32> {
  return quadOf(k[at]);
}

fn valueQuad(at: u32) -> vec4<f32> {
  return quadOf(v[at]);
}
