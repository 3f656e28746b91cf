// Position of the index-th element of a grid of up to four axes in an operand that may be broadcast along some of
// them. `dims` are the sizes of the grid, outermost first; `strides` are the operand's, 0 along a broadcast axis.
fn broadcastOffset(index: u32, dims: vec4<u32>, strides: vec4<u32>) -> u32 {
  var rest = index;
  let i3 = rest % dims.w;
  rest = rest / dims.w;
  let i2 = rest % dims.z;
  rest = rest / dims.z;
  let i1 = rest % dims.y;
  let i0 = rest / dims.y;
  return dot(vec4<u32>(i0, i1, i2, i3), strides);
}
