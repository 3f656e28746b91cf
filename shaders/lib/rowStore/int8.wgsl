// Stores UNIT elements, a block, as integers of 8 bits, from -127 to 127, and their factor.
@group(0) @binding(2) var<storage, read_write> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> scales: array<f32>;

fn storeUnit(source: Source, unit: u32, to: u32) {
  var values: array<f32, UNIT>;
  var largest = 0.0;
  for (var d = 0u; d < UNIT; d++) {
    values[d] = rotated(source, unit * UNIT + d);
    let size = abs(values[d]);
    // A NaN stays, so that it comes back from the cache as one.
    largest = select(largest, size, !(size <= largest) && largest == largest);
  }
  let inverse = select(127.0 / largest, 0.0, largest == 0.0);
  let block = to / UNIT + unit;
  for (var word = 0u; word < UNIT / 4u; word++) {
    let four = vec4<f32>(values[4u * word], values[4u * word + 1u], values[4u * word + 2u], values[4u * word + 3u]);
    rows[block * (UNIT / 4u) + word] = pack4xI8(vec4<i32>(round(four * inverse)));
  }
  scales[block] = largest / 127.0;
}
