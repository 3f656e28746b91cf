// Positions of four elements of a row whose elements lie apart: the one that was entered last.
//
// Expects: broadcastOffset; Params (norm/sliceParams.wgsl).
var<private> rowStart: u32;

fn enterRow(row: u32) {
  rowStart = params.firstPosition + broadcastOffset(row, params.keptDims, params.keptStrides);
}

fn positionsOf(r: vec4<u32>) -> vec4<u32> {
  return rowStart + vec4<u32>(offsetOf(r.x), offsetOf(r.y), offsetOf(r.z), offsetOf(r.w));
}

fn offsetOf(r: u32) -> u32 {
  return broadcastOffset(r, params.reducedDims, params.reducedStrides);
}
