// Four words of four bytes as a matrix of bytes, a row a word, transposed: byte q of word r becomes byte r of word q.
fn transposeBytes(rows: vec4<u32>) -> vec4<u32> {
  // First within pairs of rows, bytes 0 and 2 apart from 1 and 3; then halves of words between the pairs.
  let even = (rows.xz & vec2<u32>(0x00ff00ffu)) | ((rows.yw & vec2<u32>(0x00ff00ffu)) << vec2<u32>(8u));
  let odd = ((rows.xz >> vec2<u32>(8u)) & vec2<u32>(0x00ff00ffu)) | (rows.yw & vec2<u32>(0xff00ff00u));
  let low = vec2<u32>(even.x, odd.x);
  let high = vec2<u32>(even.y, odd.y);
  let first = (low & vec2<u32>(0xffffu)) | (high << vec2<u32>(16u));
  let second = (low >> vec2<u32>(16u)) | (high & vec2<u32>(0xffff0000u));
  return vec4<u32>(first, second);
}
