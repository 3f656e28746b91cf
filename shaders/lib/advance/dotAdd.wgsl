// A step of a chain of arithmetic: x + the dot product of its four bytes and four others.
//
// Expects: dot4 (lib/dot4).
struct Params {
  invocations: u32,
  rounds: u32,
  factors: u32,
}

alias Step = u32;

fn stepOf(given: Params) -> Step {
  return given.factors;
}

fn advance(x: vec4<i32>, step: Step) -> vec4<i32> {
  let bytes = bitcast<vec4<u32>>(x);
  return x + vec4<i32>(dot4(bytes.x, step), dot4(bytes.y, step), dot4(bytes.z, step), dot4(bytes.w, step));
}
