// A table says in which block each blockSize keys of a sequence are.
@group(0) @binding(12) var<storage, read> blockTable: array<u32>;

fn keyRow(batch: u32, key: u32) -> u32 {
  let entry = (batch * params.seqLenKv + key) / params.blockSize;
  // Never behind the cache, whatever the table says.
  return min(blockTable[entry], params.blocks - 1u) * params.blockSize + key % params.blockSize;
}
