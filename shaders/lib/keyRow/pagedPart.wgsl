// As paged.wgsl, of a cache that is bound in part: keys whose row is elsewhere have the nearest that is bound, which nobody
// may make use of.
//
// Expects: blockAt.

fn cacheRow(batch: u32, key: u32) -> u32 {
  let entry = (batch * params.seqLenKv + key) / params.blockSize;
  return min(blockAt(entry), params.blocks - 1u) * params.blockSize + key % params.blockSize;
}

fn keyRow(batch: u32, key: u32) -> u32 {
  return clamp(cacheRow(batch, key), params.rowBegin, params.rowEnd - 1u);
}
