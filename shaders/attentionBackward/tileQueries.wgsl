// As queries.wgsl, for a tile of queries: dQ[i, c] = scale * sum over keys of dS[i, key] k[key, c].
//
// A workgroup makes TILE rows of dQ, and walks along the keys that they see, TILE at a time. An invocation has four rows,
// which GROUPS invocations share: it makes dS of four keys of each tile, and every GROUPS-th vector of dQ, which it keeps in
// registers.
//
// Expects: HEAD_VECTORS: rows of k have at most so many vectors of four, a multiple of GROUPS; Out and GOES_ON as queries.wgsl; block.wgsl and
// change.wgsl and what they expect; sequenceOf, keyRange, rowAt (range.wgsl), keyRow, statisticAt, workgroupIndex.

const COLUMNS: u32 = HEAD_VECTORS / GROUPS;

@group(0) @binding(15) var<storage, read_write> dq: array<vec4<Out>>;

// dS of each key for four rows.
var<workgroup> changes: array<vec4<f32>, TILE * GROUPS>;

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
  let group = index / GROUPS;
  let lane = index % GROUPS;
  let queries = tileStart + group * 4u + vec4<u32>(0u, 1u, 2u, 3u);
  let queryRows = sequence.queryRow + min(queries, vec4<u32>(tileEnd - 1u));
  let queryAt = rowsAt(params.qStrides, batch, head, queryRows);
  let gradientAt = rowsAt(params.oStrides, batch, head, queryRows);
  var rows: array<BlockRow, 4>;
  for (var r = 0u; r < 4u; r++) {
    let query = min(queries[r], tileEnd - 1u);
    rows[r] = BlockRow(
      rowOf(sequence, batch, head, query),
      keyRange(sequence, query),
      statisticAt(rowAt(params.lseStrides, batch, head, queryRows[r])),
    );
  }

  var sums: array<array<vec4<f32>, COLUMNS>, 4>;
  for (var start = first; start < end; start += TILE) {
    let keys = start + lane * 4u + vec4<u32>(0u, 1u, 2u, 3u);
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
    for (var j = 0u; j < 4u; j++) {
      var change: vec4<f32>;
      for (var r = 0u; r < 4u; r++) {
        change[r] = changeOf(block.products[j][r], block.changes[j][r], rows[r], keys[j]).x;
      }
      changes[(lane * 4u + j) * GROUPS + group] = change;
    }
    workgroupBarrier();
    for (var key = 0u; key < min(TILE, end - start); key++) {
      let change = changes[key * GROUPS + group];
      let keyAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow + keyRow(batch, start + key));
      for (var u = 0u; u < COLUMNS; u++) {
        let values = keyQuad(keyAt + min(lane + u * GROUPS, params.headDim / 4u - 1u));
        for (var r = 0u; r < 4u; r++) {
          sums[r][u] = addSeen(sums[r][u], change[r], values);
        }
      }
    }
    // The next changes must not replace these while another invocation still reads them.
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    for (var u = 0u; u < COLUMNS; u++) {
      let vector = lane + u * GROUPS;
      if (queries[r] < tileEnd && vector < params.headDim / 4u) {
        var result = sums[r][u] * (params.scaleLog2 / LOG2E);
        if (GOES_ON) {
          result += vec4<f32>(dq[queryAt[r] + vector]);
        }
        dq[queryAt[r] + vector] = vec4<Out>(result);
      }
    }
  }
}
