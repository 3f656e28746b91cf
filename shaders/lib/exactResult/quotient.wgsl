// An exact sum (reduce/exactSum.wgsl) over an integer, rounded to the nearest number that can be stored, and to the even one of two, in
// integers alone.
//
// Expects: the format (f32.wgsl or f16.wgsl).

// One limb more, below, for the bits that a division makes: units of 2^-181.
const QUOTIENT_LIMBS: u32 = LIMBS + 1u;

alias Quotient = array<u32, QUOTIENT_LIMBS>;

fn quotient(state: State, divisor: u32) -> Out {
  if (state.special == 1u || state.special == 2u) {
    return fromBits(INFINITY_BITS | ((state.special >> 1u) << SIGN_SHIFT));
  }
  if (state.special != 0u || divisor == 0u) {
    return fromBits(INFINITY_BITS | (INFINITY_BITS >> 1u));
  }
  let sign = state.limbs[LIMBS - 1u] >> 31u;
  var magnitude = magnitudeOf(state, sign);
  let inexact = divisor != 1u && divide(&magnitude, divisor) != 0u;

  let top = highestBit(&magnitude);
  let lowest = max(top + 1u, LOWEST_EXPONENT + 32u + SIGNIFICAND_BITS) - SIGNIFICAND_BITS;
  var significand = bitsFrom(&magnitude, lowest) & ((1u << SIGNIFICAND_BITS) - 1u);
  let half = bitsFrom(&magnitude, lowest - 1u) & 1u;
  let isAbove = inexact || anyBitBelow(&magnitude, lowest - 1u);
  significand += half & (u32(isAbove) | significand);
  // The lowest bit of a significand that has all of its bits adds one to the exponent, as does a carry out of it.
  let exponent = lowest - (LOWEST_EXPONENT + 32u);
  let bits = min((exponent << (SIGNIFICAND_BITS - 1u)) + significand, INFINITY_BITS);
  return fromBits(bits | (sign << SIGN_SHIFT));
}

fn magnitudeOf(state: State, sign: u32) -> Quotient {
  let flip = select(0u, 0xffffffffu, sign == 1u);
  var magnitude = Quotient();
  var carry = sign;
  for (var i = 0u; i < LIMBS; i++) {
    let sum = (state.limbs[i] ^ flip) + carry;
    carry = carry & u32(sum == 0u);
    magnitude[i + 1u] = sum;
  }
  return magnitude;
}

// Long division, bit by bit; gives the remainder. The divisor is below 2^31.
fn divide(value: ptr<function, Quotient>, divisor: u32) -> u32 {
  var remainder = 0u;
  for (var i = QUOTIENT_LIMBS; i > 0u; i--) {
    let limb = (*value)[i - 1u];
    var result = 0u;
    for (var bit = 32u; bit > 0u; bit--) {
      remainder = (remainder << 1u) | ((limb >> (bit - 1u)) & 1u);
      let fits = remainder >= divisor;
      remainder -= select(0u, divisor, fits);
      result = (result << 1u) | u32(fits);
    }
    (*value)[i - 1u] = result;
  }
  return remainder;
}

// Number of the highest bit that is set; 0 where none is.
fn highestBit(value: ptr<function, Quotient>) -> u32 {
  var highest = 0u;
  for (var i = 0u; i < QUOTIENT_LIMBS; i++) {
    let limb = (*value)[i];
    highest = select(highest, 32u * i + 31u - countLeadingZeros(limb), limb != 0u);
  }
  return highest;
}

// 32 bits from `position` on.
fn bitsFrom(value: ptr<function, Quotient>, position: u32) -> u32 {
  let limb = position / 32u;
  let next = select(0u, (*value)[min(limb + 1u, QUOTIENT_LIMBS - 1u)], limb + 1u < QUOTIENT_LIMBS);
  return ((*value)[limb] >> (position % 32u)) | ((next << 1u) << (31u - position % 32u));
}

fn anyBitBelow(value: ptr<function, Quotient>, position: u32) -> bool {
  var found = 0u;
  for (var i = 0u; i < QUOTIENT_LIMBS; i++) {
    let mask = select(select(0u, (1u << (position % 32u)) - 1u, i == position / 32u), 0xffffffffu, i < position / 32u);
    found |= (*value)[i] & mask;
  }
  return found != 0u;
}
