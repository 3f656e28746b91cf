// Which rows of dK and dV a pass makes: those of the keys that are bound.
//
// Expects: Params (params.wgsl), Sequence (range.wgsl).

// Of one sequence, at most.
fn ownKeyCount() -> u32 {
  return min(params.seqLenKv, params.rowEnd - params.rowBegin);
}

// Those of a sequence, from one to before another. Keys behind its end have gradients of zero, where they have a place of their own.
fn ownKeys(sequence: Sequence) -> vec2<u32> {
  let count = select(params.seqLenKv, sequence.seqLenKv, params.tokensKv != 0u);
  let first = vec2<u32>(sequence.keyRow);
  return clamp(vec2<u32>(params.rowBegin, params.rowEnd), first, first + count) - first;
}
