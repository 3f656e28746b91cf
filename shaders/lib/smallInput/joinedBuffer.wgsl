// The words of joined inputs, with nothing before them.
@group(0) @binding(7) var<storage, read> joined: array<u32>;

fn joinedWord(index: u32) -> u32 {
  return joined[index];
}
