// Codes of integers, counted from a zero point: exactly, as floats.
//
// A code in the last bits of 2^23 is the float 2^23 + code, of which a single subtraction takes the zero point along. GPUs
// convert integers to floats at a fraction of that rate (Kim et al., "Who Says Elephants Can't Run", arXiv 2211.10017).
fn integersFrom(zero: f32, codes: vec4<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(codes | vec4<u32>(0x4b000000u)) - vec4<f32>(8388608.0 + zero);
}
