// Four numbers of x in four loads, anywhere. A lane's lie `lanes` apart, so that neighbouring lanes load neighbours.
//
// Expects: Elem, Acc. Declares binding 1.
@group(0) @binding(1) var<storage, read> x: array<Elem>;

// The four positions of a lane in a stretch that `lanes` of them share.
fn quadOf(lane: u32, lanes: u32) -> vec4<u32> {
  return vec4<u32>(lane) + lanes * vec4<u32>(0u, 1u, 2u, 3u);
}

fn loadQuad(at: vec4<u32>) -> vec4<Acc> {
  return vec4<Acc>(Acc(x[at.x]), Acc(x[at.y]), Acc(x[at.z]), Acc(x[at.w]));
}
