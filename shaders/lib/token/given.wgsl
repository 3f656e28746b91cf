// The token of a candidate, where some were chosen before. Declares binding 3.
@group(0) @binding(3) var<storage, read> candidates: array<u32>;

fn tokenOf(row: u32, i: u32) -> u32 {
  return candidates[row * params.length + i];
}
