// Operand a of a product, element by element: for rows of any length and any storage.
//
// Expects: elementA (lib/elementA).

// Elements `offset` to `offset` + 3, of which the first `count` exist; zeros for the rest. For them the first element of
// all is read and dropped: no branch stands between the loads.
fn loadA4(offset: u32, count: u32) -> vec4<f32> {
  let lanes = vec4<u32>(0u, 1u, 2u, 3u);
  let exists = lanes < vec4<u32>(count);
  let index = select(vec4<u32>(), offset + lanes, exists);
  let values = vec4<f32>(elementA(index.x), elementA(index.y), elementA(index.z), elementA(index.w));
  return select(vec4<f32>(), values, exists);
}

// Elements `offset` to `offset` + 7, likewise.
fn loadA8(offset: u32, count: u32) -> mat2x4<f32> {
  return mat2x4<f32>(loadA4(offset, count), loadA4(offset + 4u, max(count, 4u) - 4u));
}
