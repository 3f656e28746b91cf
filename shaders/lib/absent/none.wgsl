// Every key's row is bound.
const HAS_ABSENT: bool = false;

fn isAbsent(batch: u32, key: u32) -> bool {
  return false;
}
