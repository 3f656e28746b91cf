// Which of eight halves, as bits of their words, are infinite or NaN.
fn notFinite(eight: vec4<u32>) -> vec4<u32> {
  let low = select(vec4<u32>(), vec4<u32>(0x0000ffffu), (eight & vec4<u32>(0x00007c00u)) == vec4<u32>(0x00007c00u));
  let high = select(vec4<u32>(), vec4<u32>(0xffff0000u), (eight & vec4<u32>(0x7c000000u)) == vec4<u32>(0x7c000000u));
  return low | high;
}
