// Four numbers of x in one load, where they are neighbours and start at a multiple of four.
//
// Expects: Elem, and Words, four of it as integers of 32 bits, since drivers that run on a processor load halves one by one; Acc. Declares binding 1.
@group(0) @binding(1) var<storage, read> x: array<Words>;

// The four positions of a lane in a stretch that `lanes` of them share.
fn quadOf(lane: u32, lanes: u32) -> vec4<u32> {
  return vec4<u32>(4u * lane) + vec4<u32>(0u, 1u, 2u, 3u);
}

fn loadQuad(at: vec4<u32>) -> vec4<Acc> {
  return vec4<Acc>(bitcast<vec4<Elem>>(x[at.x / 4u]));
}
