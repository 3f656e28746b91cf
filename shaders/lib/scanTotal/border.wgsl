// What a task of a scan leaves to others where a slice of x is bound: all elements of the segment up to the slice's end, if it goes on
// behind it.
//
// Expects: Params (scan/params.wgsl), an operator (lib/reduce), crosses and borders (lib/carry/border).

fn emitTotal(task: u32, total: State) {
  if (crosses(task, params.first + select(params.length, 0u, params.reverse == 1u))) {
    borders[params.slice % 2u * params.inner + task % params.inner] = total;
  }
}
