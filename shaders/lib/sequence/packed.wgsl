// Sequences lie one behind the other: sequence b has the rows from offsets[b] to before offsets[b + 1].
//
// Expects: offsetsAt.

fn sequenceOf(batch: u32) -> Sequence {
  // Never behind the tensors, whatever the offsets say.
  let starts = offsetsAt(batch);
  let ends = offsetsAt(batch + 1u);
  let q = min(vec2<u32>(starts.x, ends.x), vec2<u32>(params.tokensQ));
  let kv = min(vec2<u32>(starts.y, ends.y), vec2<u32>(params.tokensKv));
  return Sequence(
    q.x,
    kv.x,
    min(max(q.x, q.y) - q.x, params.seqLenQ),
    min(max(kv.x, kv.y) - kv.x, params.seqLenKv),
    0u,
  );
}
