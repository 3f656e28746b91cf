// x[line, position] of a matrix of f32 = 2^exponent (h0 + 2^-12 h1 + 2^-24 h2), with PARTS halves h and one exponent for each
// row of a, or column of b: for all elements that are summed up together. The first pass of a product of split operands.
//
// A group of LANES invocations finds the largest of a row, then rounds x to 11 bits, what is left of it to 11 bits, and so
// on: two parts keep all but at most the last of 24 bits, three keep all. The largest becomes 2^14 to 2^15, so that smaller
// ones have the most of f16's range. Every element is put together again from what was stored; where that differs from x by
// more than 2^-23 |x| (too small beside the largest, or not finite), the whole row gets no exponent.
// Ootomo and Yokota, "Recovering single precision accuracy from Tensor Cores while surpassing the FP32 theoretical peak
// performance", IJHPCA 2022: parts with scales of their own; without exponents by row, and without the check.
//
// Expects: PARTS; ALONG_K: whether a row's elements are neighbours in memory, so that a line is a row, else a line has one
// element of each row; LANES and ROWS (lib/groupReduce); NOT_SPLIT, workgroupIndex, broadcastOffset, remaining, loadA4,
// groupReduce.

struct Params {
  // Of each matrix as it lies in memory: lines, elements of a line, and distance between lines.
  lines: u32,
  length: u32,
  lineStride: u32,
  offset: u32,
  // Of a line of parts, in elements: the next multiple of 8.
  paddedLength: u32,
  // In the grid of matrices, which has an axis of 1 where the product broadcasts.
  matrices: u32,
  dims: vec4<u32>,
  strides: vec4<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
// Four halves each: eight of the first part, then as many of the next, then the next eight elements.
@group(0) @binding(2) var<storage, read_write> parts: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read_write> exponents: array<i32>;

// By row of four neighbouring elements: along k all four are the same row.
alias State = vec4<u32>;

fn combine(a: State, b: State) -> State {
  return max(a, b);
}

fn ofRow(state: State) -> State {
  if (ALONG_K) {
    return State(max(max(state.x, state.y), max(state.z, state.w)));
  }
  return state;
}

const SIGN: vec4<u32> = vec4<u32>(0x80000000u);
const SMALLEST_NORMAL: vec4<u32> = vec4<u32>(0x00800000u);
const INFINITY: vec4<u32> = vec4<u32>(0x7f800000u);

// A positive number by its bits, as 2^y times one with a normal exponent, by its bits: on integers, as GPUs may take
// subnormal numbers for 0.
struct Normal {
  bits: vec4<u32>,
  y: vec4<i32>,
}

fn normalise(magnitude: vec4<u32>) -> Normal {
  let subnormal = magnitude < SMALLEST_NORMAL;
  return Normal(
    select(magnitude, bitcast<vec4<u32>>(vec4<f32>(magnitude)), subnormal),
    select(vec4<i32>(), vec4<i32>(-149), subnormal),
  );
}

fn exponentOf(magnitude: vec4<u32>) -> vec4<i32> {
  let normal = normalise(magnitude);
  return vec4<i32>(normal.bits >> vec4<u32>(23u)) - vec4<i32>(127) + normal.y;
}

// x times 2^power exactly, 0 where that is below the normal numbers.
fn scaled(x: vec4<f32>, power: vec4<i32>) -> vec4<f32> {
  let bits = bitcast<vec4<u32>>(x);
  let normal = normalise(bits & ~SIGN);
  let biased = vec4<i32>(normal.bits >> vec4<u32>(23u)) + normal.y + power;
  let mantissa = normal.bits & vec4<u32>(0x007fffffu);
  let result = bitcast<vec4<f32>>((bits & SIGN) | (vec4<u32>(biased) << vec4<u32>(23u)) | mantissa);
  return select(result, vec4<f32>(), (normal.bits == vec4<u32>()) | (biased <= vec4<i32>()));
}

// To what f16 can hold, to nearest and even: conversion may round either way, but then finds nothing to round. It may also
// not happen at all where a compiler takes the way to f16 and back for none; Mesa's llvmpipe does.
fn roundToHalf(x: vec4<f32>) -> vec4<f32> {
  let bits = bitcast<vec4<u32>>(x);
  let odd = (bits >> vec4<u32>(13u)) & vec4<u32>(1u);
  let normal = bitcast<vec4<f32>>((bits + vec4<u32>(0x0fffu) + odd) & vec4<u32>(0xffffe000u));
  let subnormal = round(x * 0x1p24f) * 0x1p-24f;
  return select(normal, subnormal, abs(x) < vec4<f32>(0x1p-14f));
}

// Four neighbouring elements of a line of the matrix that starts at `start`; zeros beyond its end.
fn loadQuad(start: u32, line: u32, position: u32) -> vec4<f32> {
  let count = remaining(line, params.lines, position, params.length);
  return loadA4(start + line * params.lineStride + position, count);
}

@compute @workgroup_size(LANES * ROWS)
fn main(invocation: Invocation) {
  let place = placeOf(invocation);
  let lane = place % LANES;
  let groups = select(params.paddedLength / 4u, params.lines, ALONG_K);
  let number = workgroupIndex(invocation.workgroup, invocation.grid) * ROWS + place / LANES;
  let matrix = number / groups;
  let group = number % groups;
  // Groups beyond the last have no elements, but take part in the barriers below.
  let rounds = select(params.lines, params.paddedLength / 4u, ALONG_K);
  let end = select(0u, rounds, matrix < params.matrices);
  let start = params.offset + broadcastOffset(matrix, params.dims, params.strides);

  var largest = State();
  for (var round = lane; round < end; round += LANES) {
    let line = select(round, group, ALONG_K);
    let position = 4u * select(group, round, ALONG_K);
    let x = loadQuad(start, line, position);
    let magnitude = bitcast<vec4<u32>>(x) & ~SIGN;
    largest = combine(largest, select(magnitude, State(), magnitude >= INFINITY));
  }
  largest = ofRow(groupReduce(largest, invocation));
  let exponent = select(exponentOf(largest) - vec4<i32>(14), vec4<i32>(), largest == State());

  var lost = State();
  for (var round = lane; round < end; round += LANES) {
    let line = select(round, group, ALONG_K);
    let position = 4u * select(group, round, ALONG_K);
    let x = loadQuad(start, line, position);
    let magnitude = bitcast<vec4<u32>>(x) & ~SIGN;
    let finite = magnitude < INFINITY;
    let whole = scaled(select(vec4<f32>(), x, finite), -exponent);
    let at = (matrix * params.lines + line) * params.paddedLength + position;
    var rest = whole;
    // What rest was multiplied by.
    var scale = 1.0;
    for (var part = 0u; part < PARTS; part++) {
      let half = vec4<f16>(roundToHalf(rest));
      parts[(at / 8u * PARTS + part) * 2u + at % 8u / 4u] = bitcast<vec2<u32>>(half);
      rest = (rest - vec4<f32>(half)) * 4096.0;
      scale *= 4096.0;
    }
    let inexact = abs(rest) > abs(whole) * (scale * 0x1p-23f);
    let vanished = (whole == vec4<f32>()) & (magnitude != State());
    lost = combine(lost, select(State(), State(1u), inexact | vanished | !finite));
  }
  lost = ofRow(groupReduce(lost, invocation));
  if (lane == 0u && end > 0u) {
    let result = select(exponent, vec4<i32>(NOT_SPLIT), lost != State());
    if (ALONG_K) {
      exponents[matrix * params.lines + group] = result.x;
    } else {
      for (var row = 0u; row < 4u; row++) {
        if (4u * group + row < params.length) {
          exponents[matrix * params.length + 4u * group + row] = result[row];
        }
      }
    }
  }
}
