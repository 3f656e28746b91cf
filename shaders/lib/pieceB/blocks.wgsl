// Pieces of lines of operand b, quantised weights: 16 bytes, which belong to one block.
//
// Expects: b, PIECE and pieceWeights8 (lib/weights), scaleBlockOf, zeroOf, scaleOf.
struct PieceB {
  words: vec4<u32>,
  zero: f32,
  scale: f32,
}

// Weights `offset` to `offset` + PIECE - 1, a multiple of PIECE. What fills up the last block of a line is no exception; if
// not even the first exists the first of all are read: no branch stands between the loads.
fn loadPieceB(offset: u32, count: u32) -> PieceB {
  let at = select(0u, offset, count > 0u);
  let block = scaleBlockOf(at);
  return PieceB(b[at / PIECE], zeroOf(block), scaleOf(block));
}

// The part-th eight weights, but for a factor that all of the piece have.
fn pieceB8(piece: PieceB, part: u32) -> mat2x4<f32> {
  return pieceWeights8(piece.words, part, piece.zero);
}

fn pieceFactor(piece: PieceB) -> f32 {
  return piece.scale;
}
