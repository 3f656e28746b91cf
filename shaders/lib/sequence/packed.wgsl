// Sequences lie one behind the other: sequence b has the rows from offsets[b] to before offsets[b + 1].
@group(0) @binding(10) var<storage, read> offsetsQ: array<u32>;
@group(0) @binding(11) var<storage, read> offsetsKv: array<u32>;

fn sequenceOf(batch: u32) -> Sequence {
  // Never behind the tensors, whatever the offsets say.
  let q = min(vec2<u32>(offsetsQ[batch], offsetsQ[batch + 1u]), vec2<u32>(params.tokensQ));
  let kv = min(vec2<u32>(offsetsKv[batch], offsetsKv[batch + 1u]), vec2<u32>(params.tokensKv));
  return Sequence(
    q.x,
    kv.x,
    min(max(q.x, q.y) - q.x, params.seqLenQ),
    min(max(kv.x, kv.y) - kv.x, params.seqLenKv),
    0u,
  );
}
