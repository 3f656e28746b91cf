// q, four elements at a time.
alias QueryVector = vec4<Elem>;

@group(0) @binding(1) var<storage, read> q: array<QueryVector>;

fn queryQuad(vector: QueryVector) -> vec4<f32> {
  return vec4<f32>(vector);
}
