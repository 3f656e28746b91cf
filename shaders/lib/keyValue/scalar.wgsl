// Elements of k and v.
@group(0) @binding(2) var<storage, read> k: array<Elem>;
@group(0) @binding(3) var<storage, read> v: array<Elem>;

fn keyElement(at: u32) -> f32 {
  return f32(k[at]);
}

fn valueElement(at: u32) -> f32 {
  return f32(v[at]);
}
