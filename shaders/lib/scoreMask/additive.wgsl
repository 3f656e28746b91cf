// A mask that is added to the scores: an entry of at most -2^127 hides its key.
@group(0) @binding(6) var<storage, read> mask: array<MaskElem>;

const HAS_MASK: bool = true;

fn masked(score: f32, row: Row, key: u32) -> f32 {
  let entry = f32(mask[params.maskAt + dot(vec4<u32>(row.batch, row.head, row.query, key), params.maskStrides)]);
  return select(score + entry * LOG2E, LOWEST, entry <= -0x1p+127f);
}
