// Four numbers of two operands in one load each, where they are neighbours and start at a multiple of four, and as many results.
// See quad/aligned.wgsl and quadStore/aligned.wgsl.
//
// Expects: Elem, and Words, four of it as integers of 32 bits. Declares bindings 1, 2 and 3.
@group(0) @binding(1) var<storage, read> a: array<Words>;
@group(0) @binding(2) var<storage, read> b: array<Words>;
@group(0) @binding(3) var<storage, read_write> c: array<Words>;

struct Pair {
  a: vec4<f32>,
  b: vec4<f32>,
}

fn quadOf(lane: u32, lanes: u32) -> vec4<u32> {
  return vec4<u32>(4u * lane) + vec4<u32>(0u, 1u, 2u, 3u);
}

fn loadPair(at: vec4<u32>) -> Pair {
  return Pair(quadIn(a[at.x / 4u]), quadIn(b[at.x / 4u]));
}

fn quadIn(words: Words) -> vec4<f32> {
  return vec4<f32>(bitcast<vec4<Elem>>(words));
}

fn storeQuad(at: vec4<u32>, wanted: vec4<bool>, values: vec4<f32>) {
  if (wanted.x) {
    c[at.x / 4u] = bitcast<Words>(vec4<Elem>(values));
  }
}
