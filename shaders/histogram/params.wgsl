// What every histogram kernel knows of its problem: x has `length` elements, and y has `bins` counts. With ranges of
// floats, scale is the number of bins by high - low.
struct Params {
  length: u32,
  bins: u32,
  low: f32,
  high: f32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
