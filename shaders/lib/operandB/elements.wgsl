// Operand b of a product, element by element: for rows of any length and any storage.
//
// Expects: elementB (lib/elementB).

// Elements `offset` to `offset` + 3, of which the first `count` exist; zeros for the rest. For them the first element of
// all is read and dropped: no branch stands between the loads.
fn loadB4(offset: u32, count: u32) -> vec4<f32> {
  let lanes = vec4<u32>(0u, 1u, 2u, 3u);
  let exists = lanes < vec4<u32>(count);
  let index = select(vec4<u32>(), offset + lanes, exists);
  let values = vec4<f32>(elementB(index.x), elementB(index.y), elementB(index.z), elementB(index.w));
  return select(vec4<f32>(), values, exists);
}

// Elements `offset` to `offset` + 7, likewise.
fn loadB8(offset: u32, count: u32) -> mat2x4<f32> {
  return mat2x4<f32>(loadB4(offset, count), loadB4(offset + 4u, max(count, 4u) - 4u));
}
