// Which tile is made where, when rows are in groups and each group has a matrix b of its own: a mixture of experts, whose
// rows are sorted by expert. Group g has the rows from groupOffsets[firstGroup + g] to before that of the next. How many tiles a group
// has is known here only; the host starts as many workgroups as there may be at most.
//
// Expects: Params (matmul/params.wgsl), tileAtPlace (lib/tile/place.wgsl). Gale et al., "MegaBlocks", MLSys 2023.
@group(0) @binding(9) var<storage, read> groupOffsets: array<u32>;

// The number-th part of up to `height` rows by `width` columns. Parts of other rows of the same columns come next to each
// other, so that they find b in the cache.
fn tileOf(number: u32, height: u32, width: u32) -> Tile {
  let tilesN = (params.n + width - 1u) / width;
  // Each group ends with a part that may not be full, and none is empty.
  let mostTilesM = min(params.m, params.m / height + params.batches);
  let j0 = number / mostTilesM * width;
  var before = number % mostTilesM;
  // Offsets that run backwards, or beyond the last row, give groups without rows.
  for (var group = 0u; group < params.batches; group++) {
    let first = min(groupOffsets[params.firstGroup + group], params.m);
    let end = clamp(groupOffsets[params.firstGroup + group + 1u], first, params.m);
    let tilesM = (end - first + height - 1u) / height;
    if (before < tilesM) {
      return tileAtPlace(j0 < params.n, group, first + before * height, end, j0, 0u);
    }
    before -= tilesM;
  }
  return tileAtPlace(false, 0u, 0u, 0u, j0, 0u);
}
