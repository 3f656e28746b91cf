// k and v, four elements at a time.
@group(0) @binding(2) var<storage, read> k: array<vec4<Elem>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<Elem>>;

fn keyQuad(at: u32) -> vec4<f32> {
  return vec4<f32>(k[at]);
}

fn valueQuad(at: u32) -> vec4<f32> {
  return vec4<f32>(v[at]);
}
