// Segments of a tensor [length, inner], the s-th from offsets[s] up to offsets[s + 1], as lines of their own.
//
// Expects: Params (scan/params.wgsl). Declares binding 3.
@group(0) @binding(3) var<storage, read> offsets: array<u32>;

// The elements begin <= i < end of a row of `length`, which starts at `start` and whose elements lie params.inner apart.
struct Line {
  start: u32,
  length: u32,
  begin: u32,
  end: u32,
}

var<workgroup> longest: atomic<u32>;
var<workgroup> most: u32;

// A segment, or one column of it. Past the last task there are no elements.
fn lineOf(task: u32) -> Line {
  let segment = min(task, params.rows - 1u) / params.inner;
  let begin = offsets[segment];
  let length = select(0u, offsets[segment + 1u] - begin, task < params.rows);
  // That of an empty segment may be where the tensor ends.
  let start = min(begin, params.length - 1u) * params.inner + task % params.inner;
  return Line(start, length, 0u, length);
}

// How many tiles the longest line of this workgroup has. The whole workgroup must come here.
fn tilesOf(line: Line, tile: u32, place: u32) -> u32 {
  if (place == 0u) {
    atomicStore(&longest, 0u);
  }
  workgroupBarrier();
  atomicMax(&longest, line.length);
  workgroupBarrier();
  if (place == 0u) {
    most = atomicLoad(&longest);
  }
  return (workgroupUniformLoad(&most) + tile - 1u) / tile;
}
