// A table says in which block each blockSize keys of a sequence are.
//
// Expects: blockAt.

fn keyRow(batch: u32, key: u32) -> u32 {
  let entry = (batch * params.seqLenKv + key) / params.blockSize;
  // Never behind the cache, whatever the table says.
  return min(blockAt(entry), params.blocks - 1u) * params.blockSize + key % params.blockSize;
}
