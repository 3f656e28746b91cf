// Pieces of lines of operand b, as many elements as are read at a time: eight.
//
// Expects: Total; Eight, what loadB8 (lib/operandB) gives.
alias PieceB = Eight;

const PIECE: u32 = 8u;

// Elements `offset` to `offset` + 7, of which the first `count` exist; zeros for the rest.
fn loadPieceB(offset: u32, count: u32) -> PieceB {
  return loadB8(offset, count);
}

// Eight elements, but for a factor that all of the piece have.
fn pieceB8(piece: PieceB, part: u32) -> Eight {
  return piece;
}

fn pieceFactor(piece: PieceB) -> Total {
  return Total(1);
}
