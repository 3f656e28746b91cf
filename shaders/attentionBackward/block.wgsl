// What four queries and four keys have to do with each other, straight from memory: the core of the kernels that work on
// tiles of TILE queries and TILE keys, with INVOCATIONS invocations of a block of four by four each.
//
// Expects: Elem; Params (params.wgsl) with strides in vectors of four, rowAt (range.wgsl), keyQuad, valueQuad.

const TILE: u32 = 32u;
const GROUPS: u32 = 8u;
const INVOCATIONS: u32 = 64u;

@group(0) @binding(1) var<storage, read> q: array<vec4<Elem>>;
@group(0) @binding(4) var<storage, read> gradient: array<vec4<Elem>>;

// For each of four keys a vector of four queries: q . k, and dO . v.
struct Block {
  products: array<vec4<f32>, 4>,
  changes: array<vec4<f32>, 4>,
}

// Rows that are not there have to be given as ones that are.
fn blockOf(queryAt: vec4<u32>, gradientAt: vec4<u32>, keyAt: vec4<u32>, valueAt: vec4<u32>) -> Block {
  var block = Block();
  for (var vector = 0u; vector < params.headDim / 4u; vector++) {
    let queries = mat4x4<f32>(
      vec4<f32>(q[queryAt.x + vector]),
      vec4<f32>(q[queryAt.y + vector]),
      vec4<f32>(q[queryAt.z + vector]),
      vec4<f32>(q[queryAt.w + vector]),
    );
    for (var j = 0u; j < 4u; j++) {
      block.products[j] += keyQuad(keyAt[j] + vector) * queries;
    }
  }
  for (var vector = 0u; vector < params.headDimV / 4u; vector++) {
    let gradients = mat4x4<f32>(
      vec4<f32>(gradient[gradientAt.x + vector]),
      vec4<f32>(gradient[gradientAt.y + vector]),
      vec4<f32>(gradient[gradientAt.z + vector]),
      vec4<f32>(gradient[gradientAt.w + vector]),
    );
    for (var j = 0u; j < 4u; j++) {
      block.changes[j] += valueQuad(valueAt[j] + vector) * gradients;
    }
  }
  return block;
}

// Adds w * values, unless w is zero: what is not seen may be anything.
fn addSeen(sum: vec4<f32>, w: f32, values: vec4<f32>) -> vec4<f32> {
  return select(fma(vec4<f32>(w), values, sum), sum, w == 0.0);
}

// Rows of a tensor, one behind the other.
fn rowsAt(strides: vec4<u32>, batch: u32, head: u32, rows: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(rowAt(strides, batch, head, 0u)) + rows * strides.z;
}
