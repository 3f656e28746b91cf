// A row that is read once: each of the LANES invocations that share it keeps its part, ITEMS items of four elements, in
// registers. All loops over items have constant bounds and are unrolled, so that the array needs no memory.
//
// Expects: LANES, ITEMS; Item, and loadItem(at, end), which the kernel defines.
var<private> items: array<Item, ITEMS>;

fn itemCount(length: u32) -> u32 {
  return ITEMS;
}

// What registers hold is one block, see memory.wgsl.
fn endsBlock(item: u32) -> bool {
  return false;
}

fn firstItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  items[item] = loadItem(at, end);
  return items[item];
}

fn laterItem(item: u32, at: vec4<u32>, end: u32) -> Item {
  return items[item];
}
