// As tileQueries.wgsl, on tensor cores: dQ[i, c] = scale * sum over keys of dS[i, key] k[key, c].
//
// A workgroup makes OWN rows of dQ, and walks along the keys that they see, TILE at a time.
//
// Expects: matrixBlock.wgsl and change.wgsl, and what they expect; sequenceOf, keyRange, rowAt (range.wgsl), statisticAt,
// workgroupIndex.

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let tiles = (params.seqLenQ + OWN - 1u) / OWN;
  let number = workgroupIndex(workgroup, grid);
  let head = number / tiles % params.heads;
  let batch = number / tiles / params.heads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  // Of causal attention the last rows have the most keys: they begin first, so that all ends at about the same time.
  let ownStart = (tiles - 1u - number % tiles) * OWN;
  if (ownStart >= sequence.seqLenQ) {
    return;
  }
  let ownEnd = min(ownStart + OWN, sequence.seqLenQ);
  let kvHead = head / params.groupSize;
  let firstQuery = sequence.queryRow + ownStart;
  let queriesAt = rowAt(params.qStrides, batch, head, firstQuery);
  let gradientsAt = rowAt(params.oStrides, batch, head, firstQuery);
  let keysAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow);
  let valuesAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow);
  let firstKey = keyRange(sequence, ownStart).x;
  let endKey = keyRange(sequence, ownEnd - 1u).y;

  // The rows of this subgroup's matrices, and the row and the lane of this invocation.
  let firstRow = subgroup * MATRIX_M;
  let row = index / LANES;
  let lane = index % LANES;
  let isThere = ownStart + row < ownEnd;
  let query = min(ownStart + row, ownEnd - 1u);
  let place = BlockRow(
    rowOf(sequence, batch, head, query),
    // A row that is not there sees nothing.
    select(vec2<u32>(), keyRange(sequence, query), isThere),
    statisticAt(rowAt(params.lseStrides, batch, head, sequence.queryRow + query)),
  );

  var queries: array<Left, HEAD_STEPS>;
  var gradients: array<Left, VALUE_STEPS>;
  loadOwn(index, firstRow, false, queriesAt, gradientsAt, ownEnd - ownStart, &queries, &gradients);

  var sums: array<Result, HEAD_COLUMNS>;
  var exponent = LEAST_EXPONENT;
  for (var start = firstKey; start < endKey; start += TILE) {
    let count = min(TILE, endKey - start);
    // Nobody may still be reading the last keys.
    workgroupBarrier();
    stageHeads(index, true, keysAt + start * params.kStrides.z, count);
    stageValues(index, true, valuesAt + start * params.vStrides.z, count);
    let isSpoilt = multiply(index, firstRow, count, &queries, &gradients);

    var most = 0u;
    for (var column = lane; column < TILE; column += LANES) {
      let entry = row * PAIRS_STRIDE + column;
      let change = changeOf(weights[entry], changes[entry], place, start + column).x;
      changes[entry] = change;
      most = max(most, magnitudeBits(change));
    }
    exponent = halveChanges(index, exponent, most, &sums);
    if (isSpoilt) {
      mendTile(index);
    }
    workgroupBarrier();
    addHeads(firstRow, count, &sums);
  }
  storeHeads(index, firstRow, isThere, queriesAt + row * params.qStrides.z, exponent, &sums);
}
