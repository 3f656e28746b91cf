// Sorts rows of up to SIZE elements within workgroup memory: see params.wgsl.
//
// A workgroup sorts ROWS rows, side by side in one bitonic network.
//
// Expects: SIZE and ROWS, powers of two, SIZE no less than a row; SLOTS = SIZE * ROWS; WORKGROUP_SIZE; Params (params.wgsl),
// slots and sortSlots (network.wgsl), workgroupIndex, pairAt (lib/sortSource), storeSorted (lib/sorted).

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let firstRow = workgroupIndex(workgroup, grid) * ROWS;
  for (var slot = local; slot < SLOTS; slot += WORKGROUP_SIZE) {
    let row = firstRow + slot / SIZE;
    let i = slot % SIZE;
    // Comes after every element: no key is larger, and no position of an element.
    var pair = vec2<u32>(0xffffffffu, i);
    if (row < params.rows && i < params.length) {
      pair = pairAt(row, i);
    }
    slots[slot] = pair;
  }
  workgroupBarrier();
  sortSlots(params.length, local);
  for (var slot = local; slot < SLOTS; slot += WORKGROUP_SIZE) {
    let row = firstRow + slot / SIZE;
    if (row < params.rows && slot % SIZE < params.count) {
      storeSorted(row, slot % SIZE, slots[slot]);
    }
  }
}
