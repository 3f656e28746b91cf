// Sequences lie one behind the other: sequence b has the rows from offsets[b] to before offsets[b + 1].
//
// Expects: offsetsAt.

fn sequenceOf(batch: u32) -> Sequence {
  // Never behind the tensors, whatever the offsets say.
  let starts = offsetsAt(batch);
  let ends = offsetsAt(batch + 1u);
  let q = min(vec2<u32>(starts.x, ends.x), vec2<u32>(params.tokensQ));
  let kv = min(vec2<u32>(starts.y, ends.y), vec2<u32>(params.tokensKv));
  let queries = min(max(q.x, q.y) - q.x, params.longestQ);
  let keys = min(max(kv.x, kv.y) - kv.x, params.seqLenKv);
  let first = clamp(params.queryBegin, q.x, q.x + queries);
  let here = clamp(params.queryEnd, first, q.x + queries) - first;
  // The last query of the sequence is so much further than the last one here.
  let missing = i32(params.alignEnd) * i32(queries - here);
  return Sequence(first, kv.x, here, keys, 0u, i32(first - q.x) - missing, -i32(kv.x));
}
