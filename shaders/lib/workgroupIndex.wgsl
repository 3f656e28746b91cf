// Number of this workgroup when the host spread a one-dimensional count over x and y, because one dimension holds
// 65535 at most. The last row of the grid may be longer than needed: compare with the count before use.
fn workgroupIndex(id: vec3<u32>, grid: vec3<u32>) -> u32 {
  return id.y * grid.x + id.x;
}
