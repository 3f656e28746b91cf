// The counterpart of quad/aligned.wgsl: four numbers to neighbouring positions of y. All four are wanted, or none.
//
// Expects: Elem, Acc, and Words, four of it as integers of 32 bits. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> y: array<Words>;

fn storeQuad(at: vec4<u32>, wanted: vec4<bool>, values: vec4<Acc>) {
  if (wanted.x) {
    y[at.x / 4u] = bitcast<Words>(vec4<Elem>(values));
  }
}
