// A step of a chain of arithmetic: x * multiplier + addend.
//
// Expects: Elem, f32 or f16.
struct Params {
  invocations: u32,
  rounds: u32,
  multiplier: f32,
  addend: f32,
}

struct Step {
  multiplier: vec4<Elem>,
  addend: vec4<Elem>,
}

fn stepOf(given: Params) -> Step {
  return Step(vec4<Elem>(Elem(given.multiplier)), vec4<Elem>(Elem(given.addend)));
}

fn advance(x: vec4<Elem>, step: Step) -> vec4<Elem> {
  return fma(x, step.multiplier, step.addend);
}
