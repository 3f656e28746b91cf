// Stores rows as they are, an element at a time.
@group(0) @binding(2) var<storage, read_write> rows: array<Elem>;

const UNIT: u32 = 1u;

fn storeUnit(source: Source, unit: u32, to: u32) {
  rows[to + unit] = Elem(rotated(source, unit));
}
