// All sequences are of the same length, each in a part of the tensors of its own.
fn sequenceOf(batch: u32) -> Sequence {
  return Sequence(0u, 0u, params.seqLenQ, params.seqLenKv, 0u, 0, 0);
}
