// dScale[channel] = sum over parts of partials[part, channel].x, and dBias of y: the last of three passes.
//
// One invocation makes one channel, adding its parts in order.
//
// Expects: Elem; workgroupIndex, storeGradients (lib/channelGradients).

const WORKGROUP_SIZE: u32 = 64u;

struct Params {
  // Channels of all groups, and parts of each.
  channels: u32,
  split: u32,
  // The first one's place in what is bound of the gradients.
  firstChannel: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec2<f32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let channel = workgroupIndex(workgroup, grid) * WORKGROUP_SIZE + local;
  if (channel >= params.channels) {
    return;
  }
  var sums = vec2<f32>();
  for (var part = 0u; part < params.split; part++) {
    sums += partials[part * params.channels + channel];
  }
  storeGradients(params.firstChannel + channel, sums);
}
