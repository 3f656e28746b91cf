// Segments of a tensor [length, inner], the s-th from offsets[s] up to offsets[s + 1], as lines of their own: what of them lies in the
// params.length elements from params.first on, which are bound.
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
  let begin = placeIn(offsets[segment]);
  let length = select(0u, placeIn(offsets[segment + 1u]) - begin, task < params.rows);
  // That of an empty segment may be where the tensor ends.
  let start = min(begin, params.length - 1u) * params.inner + task % params.inner;
  return Line(start, length, 0u, length);
}

// Where the element i is among those that are bound, or the nearest that is; past the last for what comes after.
fn placeIn(i: u32) -> u32 {
  return clamp(i, params.first, params.first + params.length) - params.first;
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
