// As statistics.wgsl, for a tile of queries: the base-2 logarithm of the sum of a row's exponentials, and D.
//
// A workgroup makes TILE rows, and walks along the keys that they see, TILE at a time. An invocation has four rows, which
// GROUPS invocations share, and four keys of each tile; it keeps maxima and sums of its own, which are joined in order at
// the end.
//
// Expects: block.wgsl and what it expects; sequenceOf, keyRange, rowAt (range.wgsl), keyRow, storeStatistic, workgroupIndex.

// For four rows: maxima, the sums of weights, and those of weighted products.
var<workgroup> partials: array<mat3x4<f32>, INVOCATIONS>;

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
) {
  let tiles = (params.seqLenQ + TILE - 1u) / TILE;
  let number = workgroupIndex(workgroup, grid);
  let head = number / tiles % params.heads;
  let batch = number / tiles / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  let tileStart = number % tiles * TILE;
  if (tileStart >= sequence.seqLenQ) {
    return;
  }
  let kvHead = head / params.groupSize;
  let tileEnd = min(tileStart + TILE, sequence.seqLenQ);
  let first = keyRange(sequence, tileStart).x;
  let end = keyRange(sequence, tileEnd - 1u).y;
  let queries = tileStart + index / GROUPS * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  let queryRows = sequence.queryRow + min(queries, vec4<u32>(tileEnd - 1u));
  let queryAt = rowsAt(params.qStrides, batch, head, queryRows);
  let gradientAt = rowsAt(params.oStrides, batch, head, queryRows);

  var maxima = vec4<f32>(LOWEST);
  var sums = vec4<f32>();
  var weighted = vec4<f32>();
  for (var start = first; start < end; start += TILE) {
    let keys = start + index % GROUPS * 4u + vec4<u32>(0u, 1u, 2u, 3u);
    var keyRows: vec4<u32>;
    for (var j = 0u; j < 4u; j++) {
      keyRows[j] = sequence.keyRow + keyRow(batch, min(keys[j], end - 1u));
    }
    let block = blockOf(
      queryAt,
      gradientAt,
      rowsAt(params.kStrides, batch, kvHead, keyRows),
      rowsAt(params.vStrides, batch, kvHead, keyRows),
    );
    for (var r = 0u; r < 4u; r++) {
      let query = min(queries[r], tileEnd - 1u);
      let row = rowOf(sequence, batch, head, query);
      let range = keyRange(sequence, query);
      for (var j = 0u; j < 4u; j++) {
        if (range.x <= keys[j] && keys[j] < range.y) {
          let score = scoreOf(block.products[j][r], row, keys[j]);
          if (!isHidden(score)) {
            let grown = max(maxima[r], score);
            let correction = exp2(maxima[r] - grown);
            let weight = weightOf(score, grown);
            sums[r] = sums[r] * correction + weight;
            weighted[r] = weighted[r] * correction + weight * block.changes[j][r];
            maxima[r] = grown;
          }
        }
      }
    }
  }
  partials[index] = mat3x4<f32>(maxima, sums, weighted);
  workgroupBarrier();
  if (index < tileEnd - tileStart) {
    let group = index / 4u * GROUPS;
    let r = index % 4u;
    var maximum = LOWEST;
    var total = vec2<f32>();
    if (HAS_SINK) {
      maximum = sinkOf(head);
    }
    for (var other = group; other < group + GROUPS; other++) {
      maximum = max(maximum, partials[other][0][r]);
    }
    if (HAS_SINK) {
      total.x = exp2(sinkOf(head) - maximum);
    }
    for (var other = group; other < group + GROUPS; other++) {
      let sums = vec2<f32>(partials[other][1][r], partials[other][2][r]);
      total += exp2(partials[other][0][r] - maximum) * sums;
    }
    let at = rowAt(params.lseStrides, batch, head, sequence.queryRow + tileStart + index);
    storeStatistic(at, vec2<f32>(maximum + log2(total.x), total.y * normaliser(total.x)));
  }
}
