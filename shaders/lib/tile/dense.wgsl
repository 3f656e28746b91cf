// Which tile is made where, in the plain case: every product of the batch has all rows of a. Slices of k come outermost.
//
// Expects: Params (matmul/params.wgsl), tileAt (lib/tileOrder.wgsl), tileAtPlace (lib/tile/place.wgsl).

// The number-th part of `height` rows by `width` columns.
fn tileOf(number: u32, height: u32, width: u32) -> Tile {
  let tilesM = (params.m + height - 1u) / height;
  let tilesN = (params.n + width - 1u) / width;
  let product = number / (tilesM * tilesN);
  let place = tileAt(number % (tilesM * tilesN), tilesM, tilesN);
  let slice = product / params.batches;
  return tileAtPlace(
    slice < params.slices,
    product % params.batches,
    place.x * height,
    params.m,
    place.y * width,
    slice,
  );
}
