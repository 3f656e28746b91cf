// The state of this invocation's share of columns: every ROWS-th of the elements begin <= r < end.
//
// Expects: BLOCK, ROWS; Span and what makes it (lib/span), spanAt, reduceFour (reduction/column.wgsl).

fn reduceColumns(starts: Places, begin: u32, end: u32) -> Span {
  var span = emptySpan();
  var r = begin;
  for (; r + (BLOCK - 1u) * ROWS < end; r += BLOCK * ROWS) {
    span = combineSpans(span, reduceBlock(starts, r));
  }
  for (; r + 3u * ROWS < end; r += 4u * ROWS) {
    span = combineSpans(span, reduceFour(starts, r));
  }
  for (; r < end; r += ROWS) {
    span = combineSpans(span, spanAt(starts, r));
  }
  return span;
}

fn reduceBlock(starts: Places, begin: u32) -> Span {
  var span = emptySpan();
  for (var row = 0u; row < BLOCK; row += 4u) {
    span = combineSpans(span, reduceFour(starts, begin + row * ROWS));
  }
  return span;
}
