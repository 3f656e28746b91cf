// What every compaction kernel knows of its problem: of the `length` elements that are bound those are kept whose mask is not
// zero.
struct Params {
  length: u32,
  // Tiles that all elements are cut into (tiles.wgsl).
  tiles: u32,
  // Which of all elements the first that is bound is.
  first: u32,
  // The first element of y that is bound, and how many are.
  firstPlace: u32,
  places: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mask: array<Mask>;

// By its bits, lest small numbers be taken for zero. Of a float, the sign does not count.
fn isKept(i: u32) -> bool {
  let bits = bitcast<u32>(Wide(mask[i]));
  return select(bits, bits << 1u, FLOATING) != 0u;
}
