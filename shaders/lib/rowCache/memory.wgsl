// The counterpart of registers.wgsl for rows of any length: what is needed again is read again.
//
// Expects: LANES; Item, and loadItem(at, end), which the kernel defines.
fn itemCount(length: u32) -> u32 {
  return (length + 4u * LANES - 1u) / (4u * LANES);
}

// Whether an item is the last of a block. The items of a block are added up by themselves: fewer additions follow on each other, so
// that long rows are summed accurately.
fn endsBlock(item: u32) -> bool {
  return item % 4u == 3u;
}

fn firstItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  return loadItem(at, end);
}

fn laterItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  return loadItem(at, end);
}
