// Each sequence has room for seqLenKv keys, and says how many it has.
//
// Expects: lengthAt.

fn sequenceOf(batch: u32) -> Sequence {
  return Sequence(0u, 0u, params.seqLenQ, min(lengthAt(batch), params.seqLenKv), 0u, 0, 0);
}
