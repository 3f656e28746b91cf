// Which rows belong to a sequence, and which keys a query sees if no mask hides them.

// One sequence of the batch: its first rows, counted from where the strides of a batch lead, and its lengths.
struct Sequence {
  queryRow: u32,
  keyRow: u32,
  seqLenQ: u32,
  seqLenKv: u32,
}

// The key at which a query stands: before the first where negative.
fn queryPosition(sequence: Sequence, query: u32) -> i32 {
  let shift = i32(sequence.seqLenKv) - i32(sequence.seqLenQ);
  return i32(query) + params.queryOffset + i32(params.alignEnd) * shift;
}

// The first key and the one behind the last; neither decreases from one query to the next.
fn keyRange(sequence: Sequence, query: u32) -> vec2<u32> {
  let position = queryPosition(sequence, query);
  let end = clamp(position + params.right + 1, 0, i32(sequence.seqLenKv));
  let first = clamp(position - params.left, 0, end);
  return vec2<u32>(u32(first), u32(end));
}

// Where a row lies: `strides` of its tensor, its sequence, head and number.
fn rowAt(strides: vec4<u32>, batch: u32, head: u32, row: u32) -> u32 {
  return batch * strides.x + head * strides.y + row * strides.z;
}
