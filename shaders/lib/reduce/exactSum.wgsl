// The operator of exact sums of f32: a fixed-point number wide enough for 2^32 elements of any size, added in integers, so that
// neither the order of additions nor how an adapter rounds or contracts them shows in the result (Kulisch and Miranker, "The
// arithmetic of the digital computer: a new approach", SIAM Review 28, 1986).

// Every f32 is a multiple of 2^-149 below 2^128: 277 bits, 32 for carries, a sign.
const LIMBS: u32 = 10u;

struct State {
  // The sum in units of 2^-149, lowest limb first, as a two's complement.
  limbs: array<u32, LIMBS>,
  // Elements that are not finite: 1 for +infinity, 2 for -infinity, 4 for NaN, joined.
  special: u32,
}

fn identity() -> State {
  return State();
}

fn lift(x: Acc, index: u32) -> State {
  let bits = bitcast<u32>(x);
  let exponent = (bits >> 23u) & 0xffu;
  let fraction = bits & 0x7fffffu;
  let isNegative = (bits >> 31u) == 1u;
  let isSpecial = exponent == 255u;
  var state = State();
  state.special = select(0u, select(select(1u, 2u, isNegative), 4u, fraction != 0u), isSpecial);
  let significand = select(select(fraction, fraction | 0x800000u, exponent > 0u), 0u, isSpecial);
  let shift = max(exponent, 1u) - 1u;
  let lowest = shift / 32u;
  let low = significand << (shift % 32u);
  // Two shifts, since one by 32 is not defined.
  let high = (significand >> 1u) >> (31u - shift % 32u);
  // A negative number is the complement plus one.
  let flip = select(0u, 0xffffffffu, isNegative);
  var carry = flip & 1u;
  for (var i = 0u; i < LIMBS; i++) {
    let limb = select(select(0u, high, i == lowest + 1u), low, i == lowest);
    let sum = (limb ^ flip) + carry;
    carry = carry & u32(sum == 0u);
    state.limbs[i] = sum;
  }
  return state;
}

fn combine(a: State, b: State) -> State {
  var state = State();
  state.special = a.special | b.special;
  var carry = 0u;
  for (var i = 0u; i < LIMBS; i++) {
    let sum = a.limbs[i] + b.limbs[i];
    let carried = sum + carry;
    carry = u32(sum < a.limbs[i]) | u32(carried < sum);
    state.limbs[i] = carried;
  }
  return state;
}
