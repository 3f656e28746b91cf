// q in half precision, four elements at a time, as two words (lib/keyValue/halves.wgsl says why).
alias QueryVector = vec2<u32>;

@group(0) @binding(1) var<storage, read> q: array<QueryVector>;

fn queryQuad(vector: QueryVector) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(vector.x), unpack2x16float(vector.y));
}
