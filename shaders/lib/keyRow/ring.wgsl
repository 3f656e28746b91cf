// A key takes the place of the one that is seqLenKv before it.
fn keyRow(batch: u32, key: u32) -> u32 {
  return key % params.seqLenKv;
}
