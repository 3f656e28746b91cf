// The blocks of a paged cache, in a buffer of their own.
@group(0) @binding(12) var<storage, read> blockTable: array<u32>;

fn blockAt(index: u32) -> u32 {
  return blockTable[params.blockTableAt + index];
}
