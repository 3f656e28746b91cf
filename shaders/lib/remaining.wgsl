// How many elements of a line of an operand there are from `position` on: none if there is no such line.
fn remaining(line: u32, lines: u32, position: u32, length: u32) -> u32 {
  return select(0u, length - position, line < lines && position < length);
}
