// Rows of a tensor [outer, length, inner], each cut into params.parts parts of params.chunk elements.
//
// Expects: Params (scan/params.wgsl).

// The elements begin <= i < end of a row of `length`, which starts at `start` and whose elements lie params.inner apart.
struct Line {
  start: u32,
  length: u32,
  begin: u32,
  end: u32,
}

// A part of a row. Past the last task there are no elements.
fn lineOf(task: u32) -> Line {
  let row = task % params.rows;
  let begin = task / params.rows * params.chunk;
  let start = row / params.inner * (params.length * params.inner) + row % params.inner;
  let end = select(begin, min(begin + params.chunk, params.length), task < params.rows * params.parts);
  return Line(start, params.length, begin, end);
}

// How many tiles the longest line of this workgroup has. The whole workgroup must come here.
fn tilesOf(line: Line, tile: u32, place: u32) -> u32 {
  return (params.chunk + tile - 1u) / tile;
}
