// Four numbers of x in one load, where they are neighbours and start at a multiple of four.
//
// Expects: Elem, Acc. Declares binding 1.
@group(0) @binding(1) var<storage, read> x: array<vec4<Elem>>;

// The four positions of a lane in a stretch that `lanes` of them share.
fn quadOf(lane: u32, lanes: u32) -> vec4<u32> {
  return vec4<u32>(4u * lane) + vec4<u32>(0u, 1u, 2u, 3u);
}

fn loadQuad(at: vec4<u32>) -> vec4<Acc> {
  return vec4<Acc>(x[at.x / 4u]);
}
