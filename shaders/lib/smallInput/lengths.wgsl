// The lengths of sequences, in a buffer of their own.
@group(0) @binding(9) var<storage, read> lengths: array<u32>;

fn lengthAt(index: u32) -> u32 {
  return lengths[params.lengthsAt + index];
}
