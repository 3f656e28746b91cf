// Which keys a query sees: those before keyEnd(query). It does not decrease from one query to the next.
fn keyEnd(query: u32) -> u32 {
  return u32(clamp(i32(query) + params.diagonal + 1, 0, i32(params.seqLenKv)));
}
