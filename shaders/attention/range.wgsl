// Which rows belong to a sequence, and which keys a query sees if no mask hides them.

// One sequence of the batch: its first rows, counted from where the strides of a batch lead, its lengths, and the first
// key that is still there. Of queries that are bound in part, row and length are those of the part.
struct Sequence {
  queryRow: u32,
  keyRow: u32,
  seqLenQ: u32,
  seqLenKv: u32,
  firstKey: u32,
  // What positions of queries are counted from, and params.keyBegin and keyEnd.
  queryBase: i32,
  keyBase: i32,
}

// The key at which a query stands: before the first where negative.
fn queryPosition(sequence: Sequence, query: u32) -> i32 {
  let shift = i32(sequence.seqLenKv) - i32(sequence.seqLenQ);
  return i32(query) + sequence.queryBase + params.queryOffset + i32(params.alignEnd) * shift;
}

// The first key and the one behind the last; neither decreases from one query to the next.
fn keyRange(sequence: Sequence, query: u32) -> vec2<u32> {
  let position = queryPosition(sequence, query);
  let oldest = max(i32(sequence.firstKey), sequence.keyBase + params.keyBegin);
  let behind = min(i32(sequence.seqLenKv), sequence.keyBase + params.keyEnd);
  let end = max(oldest, min(position + params.right + 1, behind));
  let first = clamp(position - params.left, oldest, end);
  return vec2<u32>(u32(first), u32(end));
}

// Where a row lies: `strides` of its tensor, its sequence, head and number.
fn rowAt(strides: vec4<u32>, batch: u32, head: u32, row: u32) -> u32 {
  return strides.w + batch * strides.x + head * strides.y + row * strides.z;
}
