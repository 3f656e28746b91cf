// Each sequence says how many keys it had in all, of which the last seqLenKv remain.
//
// Expects: lengthAt.

fn sequenceOf(batch: u32) -> Sequence {
  // 2^29: no number is beyond it (params.wgsl).
  let length = min(lengthAt(batch), 0x20000000u);
  let firstKey = max(length, params.seqLenKv) - params.seqLenKv;
  // Keys are where their rows are first gone through.
  return Sequence(0u, 0u, params.seqLenQ, length, firstKey, 0, i32(firstKey - firstKey % params.seqLenKv));
}
