// As tileKeys.wgsl, on tensor cores: dK[key, c] = scale * sum over queries of dS[i, key] q[i, c], and dV[key, c] = sum over queries of
// p[i, key] dO[i, c], over the queries of all heads that share a head of k and v.
//
// A workgroup makes OWN rows of both, and walks along the queries, TILE at a time, head by head. The order is always the
// same, and so are the results.
//
// Expects: matrixBlock.wgsl, change.wgsl and ownKeys.wgsl, and what they expect; sequenceOf, keyRange, rowAt (range.wgsl), statisticAt,
// workgroupIndex.

@group(0) @binding(16) var<storage, read_write> dv: array<vec4<u32>>;

var<workgroup> halfWeights: array<f16, OWN * HALVES_STRIDE>;
// The queries of the tile.
var<workgroup> tileRows: array<BlockRow, TILE>;

// Adds to a row's sums of the strip, whose first column is `first`, what is not finite in dO, whose tile begins at `gradientsAt`.
fn addNotFinite(row: u32, lane: u32, first: u32, gradientsAt: u32, count: u32) {
  for (var inStrip = lane; inStrip < min(TILE, max(first, params.headDimV) - first); inStrip += LANES) {
    let column = first + inStrip;
    for (var i = 0u; i < count; i++) {
      let word = gradient[gradientsAt + i * params.oStrides.z + column / 8u][column % 8u / 2u];
      let wrong = notFinite(vec4<u32>(word)).x;
      let weight = weights[row * PAIRS_STRIDE + i];
      if (((wrong >> (column % 2u * 16u)) & 1u) != 0u && weight != 0.0) {
        changes[row * PAIRS_STRIDE + inStrip] += weight * unpack2x16float(word)[column % 2u];
      }
    }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let tiles = (ownKeyCount() + OWN - 1u) / OWN;
  let kvHeads = params.heads / params.groupSize;
  let number = workgroupIndex(workgroup, grid);
  let kvHead = number / tiles % kvHeads;
  let batch = number / tiles / kvHeads;
  if (batch >= params.batch) {
    return;
  }
  let sequence = sequenceOf(batch);
  let own = ownKeys(sequence);
  let ownStart = own.x + number % tiles * OWN;
  if (ownStart >= own.y) {
    return;
  }
  let ownEnd = min(ownStart + OWN, own.y);
  let keysAt = rowAt(params.kStrides, batch, kvHead, sequence.keyRow + ownStart);
  let valuesAt = rowAt(params.vStrides, batch, kvHead, sequence.keyRow + ownStart);

  // The rows of this subgroup's matrices, and the row and the lane of this invocation.
  let firstRow = subgroup * MATRIX_M;
  let row = index / LANES;
  let lane = index % LANES;

  var keys: array<Left, HEAD_STEPS>;
  var values: array<Left, VALUE_STEPS>;
  loadOwn(index, firstRow, true, keysAt, valuesAt, ownEnd - ownStart, &keys, &values);

  var keySums: array<Result, HEAD_COLUMNS>;
  var valueSums: array<Result, VALUE_COLUMNS>;
  var exponent = LEAST_EXPONENT;
  for (var head = kvHead * params.groupSize; head < (kvHead + 1u) * params.groupSize; head++) {
    for (var start = 0u; start < sequence.seqLenQ; start += TILE) {
      let count = min(TILE, sequence.seqLenQ - start);
      // Ranges move forward from query to query: those of the first and the last say if any sees a key of these.
      if (keyRange(sequence, start).x >= ownEnd || keyRange(sequence, start + count - 1u).y <= ownStart) {
        continue;
      }
      let queriesAt = rowAt(params.qStrides, batch, head, sequence.queryRow + start);
      let gradientsAt = rowAt(params.oStrides, batch, head, sequence.queryRow + start);
      // Nobody may still be reading the last queries.
      workgroupBarrier();
      stageHeads(index, false, queriesAt, count);
      stageValues(index, false, gradientsAt, count);
      for (var i = index; i < TILE; i += INVOCATIONS) {
        let query = start + min(i, count - 1u);
        tileRows[i] = BlockRow(
          rowOf(sequence, batch, head, query),
          // A query that is not there sees nothing.
          select(vec2<u32>(), keyRange(sequence, query), i < count),
          statisticAt(rowAt(params.lseStrides, batch, head, sequence.queryRow + query)),
        );
      }
      let isSpoilt = multiply(index, firstRow, count, &keys, &values);

      var most = 0u;
      for (var column = lane; column < TILE; column += LANES) {
        let entry = row * PAIRS_STRIDE + column;
        let both = changeOf(weights[entry], changes[entry], tileRows[column], ownStart + row);
        changes[entry] = both.x;
        weights[entry] = both.y;
        // Above 1 only by a logSumExp that is not the forward pass's. A NaN stays one, which min() need not keep.
        halfWeights[row * HALVES_STRIDE + column] = f16(select(both.y, 65504.0, both.y > 65504.0));
        most = max(most, magnitudeBits(both.x));
      }
      exponent = halveChanges(index, exponent, most, &keySums);
      if (isSpoilt) {
        mendTile(index);
        for (var first = 0u; first < VALUE_COLUMNS; first += STRIP_COLUMNS) {
          workgroupBarrier();
          for (var n = first; n < min(first + STRIP_COLUMNS, VALUE_COLUMNS); n++) {
            storeStrip(firstRow, n - first, valueSums[n]);
          }
          workgroupBarrier();
          addNotFinite(row, lane, first * MATRIX_N, gradientsAt, count);
          workgroupBarrier();
          for (var n = first; n < min(first + STRIP_COLUMNS, VALUE_COLUMNS); n++) {
            let place = firstRow * PAIRS_STRIDE + (n - first) * MATRIX_N;
            valueSums[n] = subgroupMatrixLoad<Result, row_major>(&changes, place, PAIRS_STRIDE);
          }
        }
      }
      workgroupBarrier();
      addHeads(firstRow, count, &keySums);
      for (var first = 0u; first < count; first += MATRIX_K) {
        let weight = subgroupMatrixLoad<Left, row_major>(
          &halfWeights,
          firstRow * HALVES_STRIDE + first,
          HALVES_STRIDE,
        );
        for (var n = 0u; n < VALUE_COLUMNS; n++) {
          let gradients = subgroupMatrixLoad<Right, row_major>(
            &valueTile,
            first * VALUE_STRIDE + n * (MATRIX_N / 8u),
            VALUE_STRIDE,
          );
          valueSums[n] = subgroupMatrixMultiplyAccumulate(weight, gradients, valueSums[n]);
        }
      }
    }
  }

  let isThere = ownStart + row < ownEnd;
  storeHeads(index, firstRow, isThere, keysAt + row * params.kStrides.z, exponent, &keySums);
  let rowOfDv = valuesAt + row * params.vStrides.z;
  for (var first = 0u; first < VALUE_COLUMNS; first += STRIP_COLUMNS) {
    workgroupBarrier();
    for (var n = first; n < min(first + STRIP_COLUMNS, VALUE_COLUMNS); n++) {
      storeStrip(firstRow, n - first, valueSums[n]);
    }
    workgroupBarrier();
    for (var eight = lane; eight < TILE / 8u; eight += LANES) {
      let vector = first * (MATRIX_N / 8u) + eight;
      if (isThere && vector < params.headDimV / 8u) {
        dv[rowOfDv + vector] = eightOfStrip(row, eight, 1.0);
      }
    }
  }
}
