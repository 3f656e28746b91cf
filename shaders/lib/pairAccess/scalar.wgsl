// Four numbers of two operands in four loads each, anywhere, and as many results. See quad/scalar.wgsl and quadStore/scalar.wgsl.
//
// Expects: Elem. Declares bindings 1, 2 and 3.
@group(0) @binding(1) var<storage, read> a: array<Elem>;
@group(0) @binding(2) var<storage, read> b: array<Elem>;
@group(0) @binding(3) var<storage, read_write> c: array<Elem>;

struct Pair {
  a: vec4<f32>,
  b: vec4<f32>,
}

fn quadOf(lane: u32, lanes: u32) -> vec4<u32> {
  return vec4<u32>(lane) + lanes * vec4<u32>(0u, 1u, 2u, 3u);
}

fn loadPair(at: vec4<u32>) -> Pair {
  return Pair(
    vec4<f32>(vec4<Elem>(a[at.x], a[at.y], a[at.z], a[at.w])),
    vec4<f32>(vec4<Elem>(b[at.x], b[at.y], b[at.z], b[at.w])),
  );
}

fn storeQuad(at: vec4<u32>, wanted: vec4<bool>, values: vec4<f32>) {
  if (wanted.x) {
    c[at.x] = Elem(values.x);
  }
  if (wanted.y) {
    c[at.y] = Elem(values.y);
  }
  if (wanted.z) {
    c[at.z] = Elem(values.z);
  }
  if (wanted.w) {
    c[at.w] = Elem(values.w);
  }
}
