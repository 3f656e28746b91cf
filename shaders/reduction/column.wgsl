// y[o] = finish(combine over r of lift(x[offset(o) + offset(r)])), where the innermost axis is kept: neighbouring results
// are made of neighbouring elements.
//
// A workgroup makes WIDTH * COLUMNS results, or one part of each where every reduction is cut into params.split parts. An
// invocation has WIDTH columns and every ROWS-th element of them, four rows in flight; the ROWS states of a column are
// then combined through workgroup memory.
//
// Expects: Out; COLUMNS, ROWS, powers of two; Params (params.wgsl), workgroupIndex, reducedOffset (lib/gridOffset), an
// operator (lib/reduce), finish; WIDTH, Span, Places and what makes them (lib/span); reduceColumns (lib/columnWalk).

@group(0) @binding(2) var<storage, read_write> y: array<Out>;

const LEVELS: u32 = firstTrailingBit(ROWS);

var<workgroup> spans: array<Span, COLUMNS * ROWS>;

@compute @workgroup_size(COLUMNS * ROWS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  // Drivers that run on a processor have it at hand, while they compute local_invocation_index anew.
  let place = local.x;
  let task = workgroupIndex(workgroup, grid);
  let tiles = (params.kept + WIDTH * COLUMNS - 1u) / (WIDTH * COLUMNS);
  // Workgroups that follow each other go along the rows of one part, as memory lies.
  let tile = task % tiles;
  let part = task / tiles;
  let columns = placesOf(tile * WIDTH * COLUMNS, place % COLUMNS, COLUMNS);
  let begin = part * params.chunk;
  let end = min(begin + params.chunk, params.reduced);
  // A row that is the same for all keeps loops and addresses uniform, where drivers see it.
  let row = select(place / COLUMNS, 0u, ROWS == 1u);
  let whole = combineRows(reduceColumns(startsOf(columns), begin + row, end), place);
  if (place < COLUMNS) {
    storeSpan(columns, part, whole);
  }
}

// The first COLUMNS invocations get the states of all rows, as a tree.
fn combineRows(span: Span, place: u32) -> Span {
  if (ROWS == 1u) {
    return span;
  }
  spans[place] = span;
  workgroupBarrier();
  for (var level = 0u; level < LEVELS; level++) {
    let distance = COLUMNS * (ROWS >> (level + 1u));
    if (place < distance) {
      spans[place] = combineSpans(spans[place], spans[place + distance]);
    }
    workgroupBarrier();
  }
  return spans[place];
}

fn reduceFour(starts: Places, r: u32) -> Span {
  let s0 = spanAt(starts, r);
  let s1 = spanAt(starts, r + ROWS);
  let s2 = spanAt(starts, r + 2u * ROWS);
  let s3 = spanAt(starts, r + 3u * ROWS);
  return combineSpans(combineSpans(s0, s1), combineSpans(s2, s3));
}

fn spanAt(starts: Places, r: u32) -> Span {
  return liftSpan(starts + reducedOffset(r), params.first + r);
}

fn storeState(column: u32, part: u32, state: State) {
  if (column < params.kept) {
    y[column * params.split + part] = finish(state, params.reduced, params.divisor);
  }
}
