// The same for drivers that run on a processor, where it has all rows to itself (ROWS is 1). These go through every loop at least once, and
// check for each load within it which invocations are still there, unless they can unroll it; what a uniform condition leaves out they
// pass over. So rows are taken in runs of constant lengths, as the binary digits of their number have it.
//
// Expects: BLOCK, ROWS = 1; Span and what makes it (lib/span), spanAt, reduceFour (reduction/column.wgsl).

// What is left of a block goes by halves, of which the last is the four that are combined at once.
const_assert BLOCK == 64u;

fn reduceColumns(starts: Places, begin: u32, end: u32) -> Span {
  var span = emptySpan();
  var r = begin;
  if (begin + 4u * BLOCK <= end) {
    for (; r + BLOCK <= end; r += BLOCK) {
      span = combineSpans(span, reduceRun(starts, r, BLOCK));
    }
  }
  if (r + 2u * BLOCK <= end) {
    span = combineSpans(span, combineSpans(reduceRun(starts, r, BLOCK), reduceRun(starts, r + BLOCK, BLOCK)));
    r += 2u * BLOCK;
  }
  if (r + BLOCK <= end) {
    span = combineSpans(span, reduceRun(starts, r, BLOCK));
    r += BLOCK;
  }
  if (r + 32u <= end) {
    span = combineSpans(span, reduceRun(starts, r, 32u));
    r += 32u;
  }
  if (r + 16u <= end) {
    span = combineSpans(span, reduceRun(starts, r, 16u));
    r += 16u;
  }
  if (r + 8u <= end) {
    span = combineSpans(span, reduceRun(starts, r, 8u));
    r += 8u;
  }
  if (r + 4u <= end) {
    span = combineSpans(span, reduceFour(starts, r));
    r += 4u;
  }
  if (r + 2u <= end) {
    span = combineSpans(span, combineSpans(spanAt(starts, r), spanAt(starts, r + 1u)));
    r += 2u;
  }
  if (r < end) {
    span = combineSpans(span, spanAt(starts, r));
  }
  return span;
}

// A multiple of four rows, as many as the call says, so that there is nothing to decide where it is unrolled.
fn reduceRun(starts: Places, begin: u32, rows: u32) -> Span {
  var span = emptySpan();
  for (var row = 0u; row < rows; row += 4u) {
    span = combineSpans(span, reduceFour(starts, begin + row));
  }
  return span;
}
