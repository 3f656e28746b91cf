// A mask whose zeros hide keys.
@group(0) @binding(6) var<storage, read> mask: array<u32>;

const HAS_MASK: bool = true;

fn masked(score: f32, row: Row, key: u32) -> f32 {
  let entry = mask[params.maskAt + dot(vec4<u32>(row.batch, row.head, row.query, key), params.maskStrides)];
  return select(score, LOWEST, entry == 0u);
}
