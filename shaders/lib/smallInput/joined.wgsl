// All of them one behind the other, in a buffer that may begin with something else.
//
// Expects: Params with the words at which each begins; joinedWord(index).

fn slopeAt(index: u32) -> f32 {
  return bitcast<f32>(joinedWord(params.slopesAt + index));
}

fn sinkAt(index: u32) -> f32 {
  return bitcast<f32>(joinedWord(params.sinksAt + index));
}

fn lengthAt(index: u32) -> u32 {
  return joinedWord(params.lengthsAt + index);
}

fn offsetsAt(index: u32) -> vec2<u32> {
  return vec2<u32>(joinedWord(params.offsetsQAt + index), joinedWord(params.offsetsKvAt + index));
}

fn blockAt(index: u32) -> u32 {
  return joinedWord(params.blockTableAt + index);
}
