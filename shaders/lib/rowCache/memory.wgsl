// The counterpart of registers.wgsl for rows of any length: what is needed again is read again.
//
// Expects: LANES; Item, and loadItem(at, end), which the kernel defines.
fn itemCount(length: u32) -> u32 {
  return (length + 4u * LANES - 1u) / (4u * LANES);
}

fn firstItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  return loadItem(at, end);
}

fn laterItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  return loadItem(at, end);
}
