// Where packed sequences begin, in buffers of their own.
@group(0) @binding(10) var<storage, read> offsetsQ: array<u32>;
@group(0) @binding(11) var<storage, read> offsetsKv: array<u32>;

fn offsetsAt(index: u32) -> vec2<u32> {
  return vec2<u32>(offsetsQ[index], offsetsKv[index]);
}
