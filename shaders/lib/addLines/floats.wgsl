// Sums of eight columns, to which four lines of b are added, each times a number of a.
alias Sums8 = mat2x4<f32>;

fn addLines(
  sums: Sums8,
  a: vec4<f32>,
  b0: mat2x4<f32>,
  b1: mat2x4<f32>,
  b2: mat2x4<f32>,
  b3: mat2x4<f32>,
) -> Sums8 {
  return sums + a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3;
}
