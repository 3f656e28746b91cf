// Each sequence has room for seqLenKv keys, and says how many it has.
@group(0) @binding(9) var<storage, read> lengths: array<u32>;

fn sequenceOf(batch: u32) -> Sequence {
  return Sequence(0u, 0u, params.seqLenQ, min(lengths[batch], params.seqLenKv), 0u);
}
